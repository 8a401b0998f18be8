<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Moodle's config.php, the same on every node. It holds no secret: those are read at each request, so that a new password is used
 * without a reload. Why each line is as it is for a cluster: docs.moodle.org/en/Server_cluster and config-dist.php.
 */

unset($CFG);
global $CFG;
$CFG = new stdClass();
$site = require '/etc/moodle/site.php';
// Where it is missing Moodle says that it can't reach its database; PHP's own warning would be on every page before that.
$secrets = json_decode((string) @file_get_contents('/run/moodle/secrets.json'), true);

$CFG->dataroot = $site['dataroot'];
// Code that an upgrade has left behind never meets the new schema: its nodes show this page until they are replaced.
if (PHP_SAPI !== 'cli' && is_file("$CFG->dataroot/node/retired-{$site['identity']}")) {
    http_response_code(503);
    header('Retry-After: 60');
    header('Cache-Control: no-store');
    readfile('/opt/node/files/maintenance.html');
    exit;
}

// Address. The balancer keeps the Host header, so reverseproxy must stay off; nginx puts the visitor's own address into REMOTE_ADDR.
$CFG->wwwroot = $site['address'];
$CFG->sslproxy = $site['https'];
$CFG->getremoteaddrconf = 3; // GETREMOTEADDR_SKIP_HTTP_CLIENT_IP | GETREMOTEADDR_SKIP_HTTP_X_FORWARDED_FOR

// Database. libpq learns from the environment whom to trust.
putenv('PGSSLROOTCERT=/etc/ssl/certs/moodle-database.pem');
$CFG->dbtype = 'pgsql';
$CFG->dblibrary = 'native';
$CFG->dbhost = $site['databaseHost'];
$CFG->dbname = 'moodle';
$CFG->dbuser = $secrets['database']['username'] ?? '';
$CFG->dbpass = $secrets['database']['password'] ?? '';
$CFG->prefix = 'mdl_';
$CFG->dboptions = ['dbpersist' => false, 'dbport' => 5432, 'connecttimeout' => 10, 'ssl' => 'verify-full'];
if ($site['readerHost'] !== '') {
    // A read goes to the writer for as long as the reader may not have seen this session's last write.
    $CFG->dboptions['readonly'] = ['instance' => [$site['readerHost']], 'connecttimeout' => 2, 'latency' => 1, 'exclude_tables' => ['config']];
}

// Files: data shared by all nodes; what can be made again on this node's own disk.
$CFG->directorypermissions = 0770; // one user everywhere: no set-group-id bit, which systemd forbids PHP anyway
$CFG->localcachedir = $site['local'] . '/cache';
$CFG->localrequestdir = $site['local'] . '/request';
$CFG->altcacheconfigpath = $site['local'] . '/muc';
$CFG->alternative_component_cache = $site['local'] . '/component-' . $site['identity'] . '.php';
$CFG->langotherroot = $site['languages'];
$CFG->skiplangupgrade = true;
$CFG->xsendfile = 'X-Accel-Redirect';
$CFG->xsendfilealiases = ['/dataroot/' => $CFG->dataroot, '/localcache/' => $CFG->localcachedir];

// Sessions and locks: shared, and never files, for which every request of a visitor would wait on the file system.
$CFG->lock_factory = '\core\lock\postgres_lock_factory';
if ($site['cacheHost'] !== '') {
    $CFG->session_handler_class = '\core\session\redis';
    $CFG->session_redis_host = $site['cacheHost']; // Moodle cuts at the first colon; the encrypt line alone makes it TLS
    $CFG->session_redis_port = 6379;
    $CFG->session_redis_auth = $secrets['cache']['password'] ?? '';
    $CFG->session_redis_encrypt = ['cafile' => '/etc/ssl/certs/moodle-cache.pem'];
    $CFG->session_redis_prefix = substr(hash('sha256', $CFG->wwwroot), 0, 8) . '_s_';
    $CFG->session_redis_acquire_lock_timeout = 30; // seconds; who waits keeps a PHP process from others
    $CFG->session_redis_lock_expire = $site['longestRequest']; // as php-fpm.conf: a process that was killed leaves its lock behind
    $CFG->session_redis_serializer_use_igbinary = true;
} else {
    $CFG->session_handler_class = '\core\session\database';
    $CFG->session_database_acquire_lock_timeout = 30; // PostgreSQL frees the lock of a process that was killed
}

// The code is replaced as a whole and never changed from within.
$CFG->routerconfigured = true;
$CFG->slasharguments = true;
$CFG->disableupdateautodeploy = true;
$CFG->disableupdatenotifications = true;
$CFG->preventexecpath = true;
$CFG->upgradekey = hash('sha256', 'upgrade' . $CFG->dbpass); // nobody upgrades by browser
$CFG->pathtogs = '/usr/bin/gs';
$CFG->pathtopdftoppm = '/usr/bin/pdftoppm';
$CFG->cronclionly = true;
$CFG->lockoutthreshold = 10;

// What the environment file says.
$CFG->admin = 'admin';
$CFG->lang = $site['language'];
$CFG->timezone = $site['timeZone'];
$CFG->maxbytes = $site['uploadMiB'] * 1024 * 1024;
if (($site['mail']['transport'] ?? 'none') === 'none') {
    $CFG->noemailever = true;
} else {
    $CFG->smtphosts = $site['mail']['host'] . ':' . $site['mail']['port'];
    $CFG->smtpsecure = $site['mail']['port'] === 465 ? 'ssl' : 'tls';
    $CFG->smtpauthtype = 'LOGIN';
    $CFG->smtpuser = $secrets['mail']['username'] ?? '';
    $CFG->smtppass = $secrets['mail']['password'] ?? '';
    $CFG->noreplyaddress = $site['mail']['sender'];
}
if (($site['mail']['divertTo'] ?? '') !== '') {
    $CFG->divertallemailsto = $site['mail']['divertTo'];
}
foreach ($site['settings'] as $name => $value) {
    if (str_contains($name, '/')) {
        [$plugin, $name] = explode('/', $name, 2);
        $CFG->forced_plugin_settings[$plugin][$name] = $value;
    } else {
        $CFG->$name = $value;
    }
}

require_once $site['docroot'] . '/lib/setup.php';
