<?php
/**
 * Brings the site's secrets from Secrets Manager to a file in memory that config.php reads at each request: a new password is used
 * from the next request on, without a reload. Runs as root, at the boot and every minute.
 *
 * A database password is changed by writing the secret: it names the other of the two roles, with a password that nobody has set
 * yet. The first node that sees it cannot log in, sets it with the master's right, and only then uses it. Until then every node goes
 * on with the role it has, which stays as it is; so no request is lost.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/aws.php';
require_once __DIR__ . '/database.php';

final class Secrets
{
    public const FILE = '/run/moodle/secrets.json';

    /** @return array<string,mixed> what config.php reads */
    public static function fetch(Settings $settings, Aws $aws): array
    {
        $secrets = ['database' => $aws->secret($settings->get('DATABASE_SECRET'))];
        if ($settings->has('CACHE_SECRET')) {
            $secrets['cache'] = $aws->secret($settings->get('CACHE_SECRET'));
        }
        if (($settings->moodle['mail']['secret'] ?? '') !== '') {
            $secrets['mail'] = $aws->secret($settings->moodle['mail']['secret']);
        }
        return $secrets;
    }

    /** Writes the file whole or not at all; www-data may read it. */
    public static function write(array $secrets, string $file = self::FILE, string $group = 'www-data'): void
    {
        $text = json_encode($secrets, JSON_THROW_ON_ERROR);
        if (is_file($file) && file_get_contents($file) === $text) {
            return;
        }
        if (!is_dir(dirname($file))) {
            mkdir(dirname($file), 0755, true);
        }
        $new = "$file.new";
        $old = umask(0077);
        file_put_contents($new, $text);
        umask($old);
        chgrp($new, $group);
        chmod($new, 0640);
        rename($new, $file);
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME'] ?? '') !== __FILE__) {
    return;
}
$settings = Settings::read();
$aws = new Aws($settings);
// Eight minutes of patience: a database that fails over or wakes up from its pause is gone for less.
for ($try = 1;; $try++) {
    try {
        $secrets = Secrets::fetch($settings, $aws);
        ['username' => $login, 'password' => $password] = $secrets['database'];
        try {
            Database::connect($settings, $login, $password);
        } catch (\PDOException) {
            $master = $aws->secret($settings->get('DATABASE_MASTER_SECRET'));
            Database::ensure(Database::connect($settings, $master['username'], $master['password'], 'postgres'), $login, $password);
            Database::connect($settings, $login, $password);
            echo "node: the database role $login has the secret's password now\n";
        }
        break;
    } catch (\PDOException $e) {
        fwrite(STDERR, "node: log in to the database at {$settings->get('DATABASE_HOST')}: {$e->getMessage()}\n");
        if ($try === 32) {
            exit(1);
        }
        sleep(15);
    }
}
Secrets::write($secrets);
