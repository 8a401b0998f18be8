<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Upgrades the database to this node's code where it is older; bootstrap.php requires this under its lock. Only `deploy up
 * --upgrade` permits it, which has taken a snapshot before.
 *
 * Everybody sees the maintenance page meanwhile. Old nodes go on seeing it afterwards: their code and the new schema never meet.
 */

use Node\Ledger;

require_once $CFG->libdir . '/adminlib.php';
require_once $CFG->libdir . '/upgradelib.php';
require_once $CFG->libdir . '/environmentlib.php';
require_once $CFG->libdir . '/clilib.php';

if (!moodle_needs_upgrading(false)) {
    return;
}
require $CFG->dirroot . '/version.php';
if (!$told['mayUpgrade']) {
    fwrite(STDERR, "node: the database is of version $CFG->version and this code of $version: it has to be upgraded, which only deploy up --upgrade does. Nothing was changed\n");
    exit(3);
}

$page = "$CFG->dataroot/climaintenance.html";
$retired = array_map(fn ($identity) => "$CFG->dataroot/node/retired-$identity", $ledger->others($site['identity']));
if (!is_dir("$CFG->dataroot/node")) {
    mkdir("$CFG->dataroot/node");
}
copy('/opt/node/files/maintenance.html', $page);
array_map('touch', $retired);
// An NFS client may believe for a minute that a file is not there (acdirmax): only then is every node in maintenance.
echo "node: upgrade: maintenance is on; waiting a minute until every node sees it\n";
sleep(65);

$before = $ledger->schema();
$error = null;
// Moodle ends its process on some errors, so what follows must happen however this ends.
register_shutdown_function(function () use (&$error, &$done, $ledger, $before, $page, $retired) {
    if ($done ?? false) {
        return;
    }
    $ledger->clearUpgradeFlag();
    if ($ledger->schema() === $before) {
        array_map('unlink', $retired);
        unlink($page);
        fwrite(STDERR, "node: the upgrade failed before it changed anything: the old version serves on. $error\n");
    } else {
        fwrite(STDERR, "node: the upgrade failed half-way: the maintenance page stays. Restore the database from the snapshot that deploy up --upgrade made, or deploy code that goes on from here. $error\n");
    }
    exit(4);
});

try {
    [$fit, $results] = check_moodle_environment(normalize_version($release), ENV_SELECT_RELEASE);
    if (!$fit) {
        throw new RuntimeException('What it needs is missing: ' . implode('; ', array_map(fn ($e) => strip_tags($e[0] . ' ' . $e[1]), environment_get_errors($results))));
    }
    $failed = [];
    if (!core_plugin_manager::instance()->all_plugins_ok($version, $failed, $CFG->branch)) {
        throw new RuntimeException('Plugins that this Moodle does not take: ' . implode(', ', array_unique($failed)));
    }
    $ledger->clearUpgradeFlag();
    if ($version > $CFG->version) {
        cache_helper::purge_all(true);
        upgrade_core($version, false);
    }
    set_config('release', $release);
    set_config('branch', $branch);
    upgrade_noncore(false);
    set_config('registrationpending', 0); // the administrator's next page is the site, not a form of moodle.org's
    \core\session\manager::set_user(get_admin());
    admin_apply_default_settings(null, false);
    upgrade_themes();
} catch (Throwable $e) {
    $error = $e->getMessage();
    exit(4);
}
$done = true;
unlink($page);
