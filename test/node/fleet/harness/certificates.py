"""A test authority, and certificates by it."""
from .layout import REGION, RUN
from .processes import run

CA = RUN / "ca.pem"


def authority():
    _authority(REGION, RUN / "ca.key", CA)


def _authority(region, key, file):
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN=Amazon RDS {region} Root CA of the node test", "-keyout", key, "-out", file)


def certificate(name, hosts):
    """Makes NAME.pem and NAME.key for the hosts, and NAME.both with both."""
    base = RUN / name
    run("openssl", "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", f"{base}.key", "-out", f"{base}.csr")
    (RUN / f"{name}.ext").write_text("subjectAltName=" + ",".join(f"DNS:{h}" for h in hosts) + "\n")
    run("openssl", "x509", "-req", "-in", f"{base}.csr", "-CA", CA, "-CAkey", RUN / "ca.key", "-CAcreateserial", "-days", "2",
        "-extfile", f"{base}.ext", "-out", f"{base}.pem")
    (RUN / f"{name}.both").write_text((RUN / f"{name}.pem").read_text() + (RUN / f"{name}.key").read_text())
