<?php
/**
 * Runs Moodle's cron, once a minute for the whole site: who first writes the minute down runs it. As www-data, on every node, each
 * minute (moodle-cron.timer). A long task holds up nothing: the next minute is anybody's, and Moodle's own locks keep tasks apart.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/database.php';

$settings = Settings::read('/etc/moodle/node.env');
$site = require '/etc/moodle/site.php';
['username' => $login, 'password' => $password] = json_decode((string) file_get_contents('/run/moodle/secrets.json'), true)['database'];
$db = Database::connect($settings, $login, $password, name: 'node-cron');
// The database's clock, so that it doesn't matter whose clock is wrong.
if ($db->exec("INSERT INTO node_cron (minute) VALUES (date_trunc('minute', now())) ON CONFLICT DO NOTHING") !== 1) {
    exit(0);
}
$db->exec("DELETE FROM node_cron WHERE minute < now() - interval '1 day'");
$db = null;
pcntl_exec(PHP_BINARY, [$site['code'] . '/admin/cli/cron.php', '--keep-alive=0']);
