"""Stands in for Aurora and ElastiCache: PostgreSQL 17 whose master is no superuser, and a cache, both with TLS
alone."""
import json
import pwd
import subprocess

from . import aws
from .certificates import certificate
from .layout import DATA, IMAGE, RUN
from .processes import end, inside, run, start, until

BIN = IMAGE / "postgres/bin"
FOLDER = RUN / "postgresql"
USER = "nobody"  # PostgreSQL refuses to run as root; this one is on every machine


def as_postgres(*command):
    user = pwd.getpwnam(USER)
    return ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups", *map(str, command)]


class Data:
    def __init__(self, settings):
        """settings: what the launch template tells the nodes (DATABASE_HOST, …)."""
        self.settings = settings
        self.postgres = self.cache = None

    def up(self):
        hosts = [self.settings[k] for k in ("DATABASE_HOST", "DATABASE_READER_HOST", "CACHE_HOST") if k in self.settings]
        certificate("data", sorted(set(hosts)))
        self._make()
        self.start_postgres()
        master = self._secret("DATABASE_MASTER_SECRET")
        self.sql(f"CREATE ROLE \"{master['username']}\" LOGIN CREATEROLE CREATEDB NOSUPERUSER PASSWORD '{master['password']}'")
        self.start_cache()

    def _secret(self, name):
        return json.loads(aws.client("secretsmanager").get_secret_value(SecretId=self.settings[name])["SecretString"])

    def _make(self):
        run("install", "-d", "-o", USER, FOLDER)
        run("chmod", "a+x", RUN)
        run(*as_postgres(BIN / "initdb", "-D", FOLDER, "-A", "scram-sha-256", "--auth-local=trust", "-U", "rdsadmin", "-E", "UTF8", "--locale=C.UTF-8"), cwd="/")
        for suffix in ("pem", "key"):
            run("install", "-o", USER, "-m", "0600", RUN / f"data.{suffix}", FOLDER / f"server.{suffix}")
        with open(FOLDER / "postgresql.conf", "a") as config:
            config.write(f"listen_addresses='{DATA}'\nunix_socket_directories='{FOLDER}'\nmax_connections=300\nshared_buffers=512MB\n"
                         "fsync=off\nssl=on\nssl_cert_file='server.pem'\nssl_key_file='server.key'\nlog_min_messages=warning\n"
                         "log_connections=on\nlog_line_prefix='%t %u %r '\n")
        (FOLDER / "pg_hba.conf").write_text("local all rdsadmin trust\nhostssl all all 10.77.0.0/24 scram-sha-256\n")

    def start_postgres(self):
        self.postgres = start("postgresql", *inside("data", *as_postgres(BIN / "postgres", "-D", FOLDER)), cwd="/")
        until("PostgreSQL", lambda: self.sql("SELECT 1"), 60)

    def stop_postgres(self):
        end(self.postgres, 20)

    def restart_cache(self):
        """Kills the cache and starts an empty one."""
        self.cache.kill()
        self.cache.wait()
        self.start_cache()

    def start_cache(self):
        token = self._secret("CACHE_SECRET")["password"] if "CACHE_SECRET" in self.settings else None
        if token is None:
            return
        self.cache = start("cache", *inside("data", "redis-server", "--port", 0, "--tls-port", 6379, "--bind", DATA, "--tls-cert-file", RUN / "data.pem",
                                            "--tls-key-file", RUN / "data.key", "--tls-ca-cert-file", RUN / "ca.pem", "--tls-auth-clients", "no",
                                            "--requirepass", token, "--save", "", "--maxmemory", "512mb", "--maxmemory-policy", "volatile-lru"), cwd=RUN)

    def sql(self, statement, database="postgres"):
        """Runs a statement as the server's superuser, which nodes never are."""
        return subprocess.run(["psql", "-h", str(FOLDER), "-U", "rdsadmin", "-d", database, "-qtAX", "-v", "ON_ERROR_STOP=1", "-c", statement],
                              capture_output=True, text=True, check=True).stdout.strip() or True
