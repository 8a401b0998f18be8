<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Brings the database to this node's code, once, however many nodes boot at the same time. As www-data; standard input tells the
 * first administrator and whether an upgrade is permitted.
 *
 * The lock is PostgreSQL's, on a session of this very process, and Moodle's installer and upgrade run in this process, too: when it
 * is killed, or its machine cut off, session and work end together, and the next node takes over. No child goes on without a lock.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/database.php';
require_once __DIR__ . '/decision.php';
require_once __DIR__ . '/ledger.php';

// Moodle takes these as the first things of a script. Its caches stay off: they are wired afterwards, for an installation empties them.
define('CLI_SCRIPT', true);
define('CACHE_DISABLE_ALL', true);
ini_set('memory_limit', '1G');

$told = json_decode((string) stream_get_contents(STDIN), true, 8, JSON_THROW_ON_ERROR);
$settings = Settings::read();
$site = require '/etc/moodle/site.php';
['username' => $login, 'password' => $password] = json_decode((string) file_get_contents('/run/moodle/secrets.json'), true)['database'];

$ledger = new Ledger(Database::connect($settings, $login, $password, name: Ledger::SESSION));
echo "node: bootstrap waits for the lock\n";
$ledger->lock();
$code = Ledger::versionOf($site['docroot'] . '/version.php');
$decision = $ledger->decide($code);
echo "node: bootstrap has the lock: {$decision->action->name}\n";
if ($decision->action === Action::Refuse) {
    fwrite(STDERR, "node: {$decision->reason}\n");
    exit(3);
}

if ($decision->action === Action::Install || $decision->action === Action::Redo) {
    $ledger->begin();
    $work = 'install.php';
} else {
    $work = 'upgrade.php';
}
// Two lines for each of four hundred plugins would hide what matters in the log.
ob_start(fn (string $text) => preg_replace('/^(-->|\+\+ Success).*\R?/m', '', $text), 4096);
// In the global scope, as Moodle's own scripts are: its libraries declare globals as they load.
require $site['code'] . '/config.php';
require __DIR__ . '/' . $work;
$ledger->finish($site['identity'], $code);
$retired = "$CFG->dataroot/node/retired-{$site['identity']}"; // where this code is gone back to
if (is_file($retired)) {
    unlink($retired);
}
while (ob_get_level() > 0) {
    ob_end_flush();
}
echo "node: bootstrap done\n";
