<?php
/** How this node sees the site, as JSON, for operators: curl http://127.0.0.1:8081/. Answers 503 when something is wrong. */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/database.php';

$site = require '/etc/moodle/site.php';
$secrets = json_decode((string) file_get_contents('/run/moodle/secrets.json'), true);

/** Runs one check and times it. */
$timed = function (callable $check): array {
    $start = hrtime(true);
    try {
        $result = ['ok' => true] + $check();
    } catch (\Throwable $e) {
        $result = ['ok' => false, 'error' => $e->getMessage()];
    }
    return $result + ['ms' => round((hrtime(true) - $start) / 1e6, 1)];
};

$db = null;
$checks = [
    'database' => $timed(function () use ($secrets, &$db) {
        $settings = Settings::read('/etc/moodle/node.env');
        $db = Database::connect($settings, $secrets['database']['username'], $secrets['database']['password'], name: 'node-check');
        return ['version' => $db->query('SHOW server_version')->fetchColumn()];
    }),
    'fileSystem' => $timed(function () use ($site) {
        $file = $site['dataroot'] . '/node-check-' . gethostname();
        if (!str_contains((string) file_get_contents('/proc/self/mountinfo'), " {$site['dataroot']} ") || file_put_contents($file, 'x') !== 1) {
            throw new \RuntimeException($site['dataroot'] . ' is not mounted or cannot be written');
        }
        unlink($file);
        return [];
    }),
    'cache' => $timed(function () use ($site, $secrets) {
        if ($site['cacheHost'] === '') {
            return ['none' => true];
        }
        $redis = new \Redis();
        $redis->connect('tls://' . $site['cacheHost'], 6379, 2.0, null, 0, 2.0, ['stream' => ['cafile' => '/etc/ssl/certs/moodle-cache.pem']]);
        $redis->auth($secrets['cache']['password']);
        return ['pong' => $redis->ping()];
    }),
    'cron' => $timed(function () use (&$db) {
        $age = $db?->query('SELECT extract(epoch FROM now() - max(minute)) FROM node_cron')->fetchColumn();
        if ($age === null || $age > 300) {
            throw new \RuntimeException('no node has started cron in the last five minutes');
        }
        return ['age' => (int) $age];
    }),
    'disk' => $timed(function () {
        $free = disk_free_space('/') / disk_total_space('/');
        if ($free < 0.1) {
            throw new \RuntimeException('less than a tenth of the local disk is free');
        }
        return ['free' => round($free, 2)];
    }),
];
$ok = !in_array(false, array_column($checks, 'ok'), true);
http_response_code($ok ? 200 : 503);
header('Content-Type: application/json');
echo json_encode(['ok' => $ok, 'code' => $site['identity']] + $checks, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES), "\n";
