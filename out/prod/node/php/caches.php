<?php
/**
 * Tells Moodle's cache (MUC) where to keep what, in a file of this node's own: the definitions that may be local on the local disk,
 * all others in Valkey where there is one. As www-data, after the database is as it should be: an installation empties caches.
 *
 * Most requests then ask the shared cache a third less often, and the shared file system not at all.
 */

declare(strict_types=1);

const CLI_SCRIPT = true;
$site = require '/etc/moodle/site.php';
$file = $site['local'] . '/muc/cacheconfig.php';
@unlink($file);
require $site['code'] . '/config.php';

// 8 characters that no two sites share, so that one cache could serve two.
$prefix = substr(hash('sha256', $CFG->wwwroot), 0, 8);
$writer = \core_cache\config_writer::create_default_configuration(true);
$writer = \core_cache\config_writer::instance();
$writer->add_store_instance('local', 'file', ['path' => $site['local'] . '/muc', 'autocreate' => 1]);
$shared = 'default_application';
if ($site['cacheHost'] !== '') {
    $shared = 'shared';
    $writer->add_store_instance($shared, 'redis', [
        'server' => $site['cacheHost'], 'password' => $secrets['cache']['password'], 'prefix' => $prefix . '_',
        'serializer' => \Redis::SERIALIZER_IGBINARY, 'compressor' => 0, 'connectiontimeout' => 3,
        'encryption' => true, 'cafile' => '/etc/ssl/certs/ca-certificates.crt', 'clustermode' => false,
    ]);
}
$writer->set_mode_mappings([
    \core_cache\store::MODE_APPLICATION => [$shared],
    \core_cache\store::MODE_SESSION => ['default_session'],
    \core_cache\store::MODE_REQUEST => ['default_request'],
]);
$local = 0;
foreach ($writer->get_definitions() as $id => $definition) {
    if (!empty($definition['canuselocalstore']) && $definition['mode'] === \core_cache\store::MODE_APPLICATION) {
        $writer->set_definition_mappings($id, ['local']);
        $local++;
    }
}
if ($local === 0 || !is_file($file)) {
    fwrite(STDERR, "node: the cache's wiring was not written to $file\n");
    exit(1);
}
echo "node: caches: $local definitions on the local disk, the others in $shared\n";
