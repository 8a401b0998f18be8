<?php
/**
 * Lays the configuration files where they belong, with what differs by site and machine filled in. As root, before anything is
 * started; may run again. `configure.php ROOT` lays them under ROOT instead of /, which the lint test does.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/settings.php';
require_once __DIR__ . '/staged.php';

final class Configure
{
    /**
     * PHP processes of a node: each needs some 96 MiB at worst (measured: 8 MiB of its own after Moodle's pages, more for backups
     * and large imports), 768 MiB are for the rest; and beyond 16 a processor more only wait for each other.
     */
    public static function children(int $memoryMiB, int $processors): int
    {
        return max(4, min(intdiv($memoryMiB - 768, 96), 16 * $processors));
    }

    /** What config.php and the scripts need of the site; no secrets. @return array<string,mixed> */
    public static function site(Settings $settings, string $identity, string $docroot): array
    {
        $m = $settings->moodle;
        return [
            'site' => $m['site'], 'identity' => $identity, 'code' => "/srv/moodle/$identity", 'docroot' => $docroot,
            'languages' => "/srv/moodle/$identity.languages", 'dataroot' => '/srv/moodledata', 'local' => '/var/local/moodle',
            'address' => $settings->address(), 'https' => $settings->isHttps(),
            'databaseHost' => $settings->get('DATABASE_HOST'),
            'readerHost' => $m['database']['readers'] > 0 ? $settings->get('DATABASE_READER_HOST') : '',
            'cacheHost' => $settings->has('CACHE_HOST') ? $settings->get('CACHE_HOST') : '',
            'mail' => $m['mail'], 'siteName' => $m['moodle']['siteName'], 'shortName' => $m['moodle']['shortName'],
            'administrator' => $m['moodle']['administrator'], 'language' => $m['moodle']['language'], 'timeZone' => $m['moodle']['timeZone'],
            'uploadMiB' => $m['moodle']['uploadMiB'], 'longestRequest' => $m['times']['request'], 'settings' => $m['moodle']['settings'] ?? [],
        ];
    }

    /** File of the bundle => place. @return array<string,string> */
    public static function places(string $php): array
    {
        $places = [
            'files/nginx.conf' => '/etc/nginx/nginx.conf',
            'files/php.ini' => "/etc/php/$php/fpm/conf.d/90-moodle.ini",
            'files/php-cli.ini' => "/etc/php/$php/cli/conf.d/90-moodle.ini",
            'files/php-fpm.conf' => "/etc/php/$php/fpm/pool.d/moodle.conf",
            'units/php-fpm.conf' => "/etc/systemd/system/php$php-fpm.service.d/moodle.conf",
            'units/nginx.conf' => '/etc/systemd/system/nginx.service.d/moodle.conf',
        ];
        foreach (glob(dirname(__DIR__) . '/units/*.{service,timer}', GLOB_BRACE) as $unit) {
            $places['units/' . basename($unit)] = '/etc/systemd/system/' . basename($unit);
        }
        return $places;
    }

    public static function fill(string $text, array $values): string
    {
        $text = strtr($text, array_combine(array_map(fn ($name) => "@$name@", array_keys($values)), array_map('strval', $values)));
        if (preg_match('/@[A-Z_]+@/', $text, $left)) {
            throw new \RuntimeException("nothing is known for $left[0]");
        }
        return $text;
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME'] ?? '') !== __FILE__) {
    return;
}
$root = $argv[1] ?? '';
$settings = Settings::read($root . '/etc/node.env');
preg_match('/^MemTotal:\s+(\d+)/m', (string) file_get_contents('/proc/meminfo'), $memory);
$put = function (string $place, string $text) use ($root): void {
    if (!is_dir(dirname($root . $place))) {
        mkdir(dirname($root . $place), 0755, true);
    }
    file_put_contents($root . $place, $text);
};
$php = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
$values = [
    'PHP' => $php, 'CHILDREN' => Configure::children(intdiv((int) $memory[1], 1024), (int) shell_exec('nproc')),
    'UPLOAD_MIB' => $settings->moodle['moodle']['uploadMiB'], 'POST_MIB' => $settings->moodle['moodle']['uploadMiB'] + 8,
    'REQUEST_SECONDS' => $settings->moodle['times']['request'], 'GATEWAY_SECONDS' => $settings->moodle['times']['gateway'],
    'KEEPALIVE_SECONDS' => $settings->moodle['times']['keepAlive'],
    'TIME_ZONE' => $settings->moodle['moodle']['timeZone'], 'NETWORK' => $settings->moodle['network']['cidr'],
    // Browsers keep to HTTPS for a year once they have seen it; a site without a certificate must not say so.
    'HSTS' => $settings->isHttps() ? 'max-age=31536000' : '',
];
foreach (Configure::places($php) as $file => $place) {
    $put($place, Configure::fill((string) file_get_contents(dirname(__DIR__) . '/' . $file), $values));
}
$identity = Staged::read($root)->identity();
$site = Configure::site($settings, $identity, (string) (readlink($root . '/srv/moodle/root') ?: '/srv/moodle/root'));
$put('/etc/moodle/site.php', "<?php\n// Written by the boot from moodle.json and /etc/node.env.\nreturn " . var_export($site, true) . ";\n");
// What PHP's own processes may know of the settings: where things are, not the names of secrets.
$put('/etc/moodle/node.env', "DATABASE_HOST={$settings->get('DATABASE_HOST')}\n");
