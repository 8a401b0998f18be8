<?php
/** Connections to the site's PostgreSQL, and the roles in it. */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/settings.php';

final class Database
{
    public const NAME = 'moodle';

    /** The role that owns everything. Nobody logs in as it: the two login roles are its members and act as it. */
    private const OWNER = 'moodle';

    /** The secret names one of them; a new password is given to the idle one, so that no open session ever loses its own. */
    public const LOGINS = ['moodle_a', 'moodle_b'];

    /** A node that vanishes without a word is noticed by the server within half a minute, instead of two hours. */
    private const KEEPALIVE = ['tcp_keepalives_idle' => '10', 'tcp_keepalives_interval' => '5', 'tcp_keepalives_count' => '3', 'tcp_user_timeout' => '25000'];

    public const CERTIFICATES = '/etc/ssl/certs/moodle-database.pem';

    /** Opens a session over TLS with the server's name verified. Throws \PDOException. */
    public static function connect(Settings $settings, string $user, #[\SensitiveParameter] string $password, string $database = self::NAME, string $name = 'node'): \PDO
    {
        $dsn = sprintf(
            "pgsql:host=%s;port=5432;dbname=%s;sslmode=verify-full;sslrootcert=%s;connect_timeout=10;application_name=%s",
            $settings->get('DATABASE_HOST'), $database, self::CERTIFICATES, $name
        );
        $db = new \PDO($dsn, $user, $password, [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION, \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC]);
        foreach (self::KEEPALIVE as $key => $value) {
            $db->exec("SET $key = $value");
        }
        return $db;
    }

    /**
     * Makes the roles and the database as they should be, with $password for $login. $master is a session of the master user in
     * the database postgres. RDS's master is no superuser: it may create roles, but from PostgreSQL 16 on must be given the right
     * to act as one before it can make that one a database's owner.
     */
    public static function ensure(\PDO $master, string $login, #[\SensitiveParameter] string $password): void
    {
        self::known($login);
        // Nodes that boot at the same time wait here for each other. The lock goes with the session.
        $master->query("SELECT pg_advisory_lock(hashtextextended('moodle roles', 0))");
        $owner = self::OWNER;
        self::ensureRole($master, $owner);
        $master->exec("GRANT $owner TO CURRENT_USER WITH SET TRUE");
        foreach (self::LOGINS as $role) {
            self::ensureRole($master, $role);
            $master->exec("GRANT $owner TO $role");
            $master->exec("ALTER ROLE $role SET role TO $owner");
            foreach (self::KEEPALIVE as $key => $value) {
                $master->exec("ALTER ROLE $role SET $key TO $value");
            }
        }
        // The password travels and is logged, if it is, as what the server stores of it, never as itself.
        $master->exec("ALTER ROLE $login LOGIN PASSWORD " . $master->quote(self::verifier($password, random_bytes(16))));
        if (!$master->query("SELECT 1 FROM pg_database WHERE datname = '" . self::NAME . "'")->fetch()) {
            $master->exec('CREATE DATABASE ' . self::NAME . " OWNER $owner ENCODING 'UTF8' TEMPLATE template0");
        }
        $master->query("SELECT pg_advisory_unlock(hashtextextended('moodle roles', 0))");
    }

    /** Refuses a role that is not one of ours: the master's right must not be lent to any name that stands in a secret. */
    public static function known(string $login): void
    {
        if (!in_array($login, self::LOGINS, true)) {
            throw new \RuntimeException("the database secret names the role $login; allowed are " . implode(' and ', self::LOGINS));
        }
    }

    private static function ensureRole(\PDO $master, string $role): void
    {
        if (!$master->query("SELECT 1 FROM pg_roles WHERE rolname = '$role'")->fetch()) {
            $master->exec("CREATE ROLE $role NOLOGIN");
        }
    }

    /** SCRAM-SHA-256 as PostgreSQL keeps it (RFC 5803, RFC 7677). */
    public static function verifier(#[\SensitiveParameter] string $password, string $salt, int $iterations = 4096): string
    {
        $salted = hash_pbkdf2('sha256', $password, $salt, $iterations, 32, true);
        $stored = hash('sha256', hash_hmac('sha256', 'Client Key', $salted, true), true);
        $server = hash_hmac('sha256', 'Server Key', $salted, true);
        return "SCRAM-SHA-256\$$iterations:" . base64_encode($salt) . '$' . base64_encode($stored) . ':' . base64_encode($server);
    }
}
