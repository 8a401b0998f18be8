<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/** Installs Moodle into the empty database; bootstrap.php requires this under its lock. What admin/cli/install_database.php does, without its command line: a process list would show the password. */

require_once $CFG->libdir . '/clilib.php';
require_once $CFG->libdir . '/installlib.php';
require_once $CFG->libdir . '/adminlib.php';
require_once $CFG->libdir . '/componentlib.class.php';

$CFG->early_install_lang = false; // the strings are there: English in the code, others as packs beside it
get_string_manager(true);
require $CFG->dirroot . '/version.php';
$failed = [];
if (!core_plugin_manager::instance()->all_plugins_ok($version, $failed)) {
    fwrite(STDERR, 'node: plugins that this Moodle does not take: ' . implode(', ', array_unique($failed)) . "\n");
    exit(3);
}
install_cli_database([
    'adminuser' => $told['administrator']['username'], 'adminpass' => $told['administrator']['password'],
    'adminemail' => $site['administrator'], 'fullname' => $site['siteName'], 'shortname' => $site['shortName'],
], false);
set_config('registrationpending', 0); // the first login goes to the site, not to a form of moodle.org's
require_once $CFG->libdir . '/upgradelib.php';
upgrade_themes();
