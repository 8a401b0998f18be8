<?php
/** What nodes write down of the database in the database: who installs, what code is served. Its tables lack Moodle's prefix. */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/decision.php';

final class Ledger
{
    /** The name of sessions that wait for the lock or hold it. */
    public const SESSION = 'node-bootstrap';

    public function __construct(private readonly \PDO $db)
    {
    }

    /** Waits until no other node works on the database. The lock ends with the session. */
    public function lock(): void
    {
        $this->db->query("SELECT pg_advisory_lock(hashtextextended('moodle bootstrap', 0))");
        $this->db->exec('CREATE TABLE IF NOT EXISTS node_state (id int PRIMARY KEY CHECK (id = 1), state text NOT NULL)');
        $this->db->exec('CREATE TABLE IF NOT EXISTS node_code (identity text PRIMARY KEY, version numeric NOT NULL, since timestamptz NOT NULL DEFAULT now())');
        $this->db->exec('CREATE TABLE IF NOT EXISTS node_cron (minute timestamptz PRIMARY KEY)');
    }

    public function decide(float $code): Decision
    {
        $tables = $this->tables();
        $ours = array_filter($tables, fn ($name) => str_starts_with($name, 'node_'));
        $moodle = array_filter($tables, fn ($name) => str_starts_with($name, 'mdl_'));
        $marker = $this->db->query('SELECT state FROM node_state')->fetchColumn() ?: null;
        return Decision::on(
            $marker, count($moodle), count($tables) - count($ours) - count($moodle),
            $this->config($tables, 'rolesactive') === '1', (float) $this->config($tables, 'version'), $code
        );
    }

    /** Empties what a dead installation left, and says that one begins. Whoever else still works on it is put out first. */
    public function begin(): void
    {
        $this->db->exec('SET ROLE NONE'); // ending a session of a login role is that role's own right
        $this->db->query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = session_user AND pid <> pg_backend_pid() AND application_name <> '" . self::SESSION . "'");
        $this->db->exec('RESET ROLE');
        $this->mark('installing');
        $moodle = array_filter($this->tables(), fn ($name) => str_starts_with($name, 'mdl_'));
        foreach (array_chunk($moodle, 50) as $some) { // each drop takes locks, and the server has only so many
            $this->db->exec('DROP TABLE IF EXISTS ' . implode(', ', $some) . ' CASCADE');
        }
    }

    public function finish(string $identity, float $version): void
    {
        $this->db->prepare('INSERT INTO node_code (identity, version) VALUES (?, ?) ON CONFLICT (identity) DO UPDATE SET version = excluded.version, since = now()')
            ->execute([$identity, $version]);
        $this->mark('installed');
    }

    /** Every code but this one that served the site. @return list<string> */
    public function others(string $identity): array
    {
        $query = $this->db->prepare('SELECT identity FROM node_code WHERE identity <> ?');
        $query->execute([$identity]);
        return $query->fetchAll(\PDO::FETCH_COLUMN);
    }

    /** Which versions of core and plugins the schema is of; the same before and after means that nothing was changed. */
    public function schema(): string
    {
        return $this->db->query("SELECT md5(string_agg(name || value, ',' ORDER BY name)) FROM (
            SELECT plugin || '/' AS name, value FROM mdl_config_plugins WHERE name = 'version'
            UNION ALL SELECT name, value FROM mdl_config WHERE name = 'version') v")->fetchColumn();
    }

    /** An upgrade that was killed leaves Moodle's own flag behind; we hold the lock, so nobody is at work. */
    public function clearUpgradeFlag(): void
    {
        $this->db->exec("DELETE FROM mdl_config WHERE name = 'upgraderunning'");
    }

    public static function versionOf(string $file): float
    {
        if (!preg_match('/^\$version\s*=\s*([0-9.]+)/m', (string) file_get_contents($file), $found)) {
            throw new \RuntimeException("$file has no version: the archive is not Moodle's");
        }
        return (float) $found[1];
    }

    private function mark(string $state): void
    {
        $this->db->prepare('INSERT INTO node_state VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state')->execute([$state]);
    }

    /** @return list<string> */
    private function tables(): array
    {
        return $this->db->query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")->fetchAll(\PDO::FETCH_COLUMN);
    }

    private function config(array $tables, string $name): ?string
    {
        if (!in_array('mdl_config', $tables, true)) {
            return null;
        }
        $query = $this->db->prepare('SELECT value FROM mdl_config WHERE name = ?');
        $query->execute([$name]);
        return $query->fetchColumn() ?: null;
    }
}
