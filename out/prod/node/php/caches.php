<?php
// SPDX-License-Identifier: GPL-3.0-or-later
/**
 * Tells Moodle's cache (MUC) where to keep what, in a file of this node's own: the definitions that may be local on the local disk,
 * all others in Valkey where there is one. As www-data, after the database is as it should be: an installation empties caches.
 *
 * Most requests then ask the shared cache a third less often, and the shared file system not at all.
 */

declare(strict_types=1);

const CLI_SCRIPT = true;
const CACHE_DISABLE_ALL = true; // nothing of a configuration that is only being made
$site = require '/etc/moodle/site.php';
$file = $site['local'] . '/muc/cacheconfig.php';
require $site['code'] . '/config.php';

/**
 * Moodle's writer, but for the saving: that takes a lock on the shared file system, which a node that dies while it holds it leaves
 * there for good, and nobody else writes this node's file.
 */
final class wiring extends \core_cache\config_writer
{
    protected function config_save(): void
    {
        global $file;
        file_put_contents("$file.new", "<?php defined('MOODLE_INTERNAL') || die();\n\$configuration = " . var_export($this->generate_configuration_array(), true) . ';');
        rename("$file.new", $file);
    }

    /** Nothing but Moodle's defaults. */
    public static function fresh(): self
    {
        $writer = new self();
        $writer->configstores = self::get_default_stores();
        $writer->configdefinitions = self::locate_definitions();
        $writer->configlocks = ['default_file_lock' => [
            'name' => 'cachelock_file_default', 'type' => 'cachelock_file', 'dir' => 'filelocks', 'default' => true,
            'maxlife' => 120, // a lock of a node that died does not stay for ever
        ]];
        return $writer;
    }

    public function keep_locally(string $store): int
    {
        $local = array_filter($this->configdefinitions, fn ($definition) => !empty($definition['canuselocalstore']) && $definition['mode'] === \core_cache\store::MODE_APPLICATION);
        foreach (array_keys($local) as $id) {
            $this->set_definition_mappings($id, [$store]);
        }
        return count($local);
    }
}

/**
 * Makes the folders of a file store's locks beforehand. Moodle makes each when it is first needed, and of two requests that do so at the
 * same time one is answered with 500, "Unable to acquire a lock for caching" (check_dir_exists() in lib/setuplib.php, which
 * file_lock_factory::get_lock() believes): on each fresh node, while visitors come.
 */
function make_lock_folders(string $store): void
{
    for ($i = 0; $i < 256; $i++) {
        $folder = sprintf('%s/filelocks/%02x', $store, $i);
        if (!is_dir($folder) && !@mkdir($folder, 0770, true) && !is_dir($folder)) { // another node may be making the shared ones
            throw new RuntimeException("make $folder: " . (error_get_last()['message'] ?? 'no reason given'));
        }
    }
}

$writer = wiring::fresh();
$shared = 'default_application';
$writer->add_store_instance('local', 'file', ['path' => $site['local'] . '/muc', 'autocreate' => 1]);
if ($site['cacheHost'] !== '') {
    $shared = 'shared';
    $writer->add_store_instance($shared, 'redis', [
        'server' => $site['cacheHost'], 'password' => $secrets['cache']['password'],
        // One cache could serve two sites. And an upgrade, which runs with caches off, begins with none of what was remembered before it:
        // a remembered old version would send the administrator to upgrade again.
        'prefix' => substr(hash('sha256', $CFG->wwwroot . $CFG->allversionshash), 0, 8) . '_',
        'serializer' => \Redis::SERIALIZER_IGBINARY, 'compressor' => 0, 'connectiontimeout' => 3,
        'encryption' => true, 'cafile' => '/etc/ssl/certs/moodle-cache.pem', 'clustermode' => false,
    ]);
}
$writer->set_mode_mappings([
    \core_cache\store::MODE_APPLICATION => [$shared],
    \core_cache\store::MODE_SESSION => ['default_session'],
    \core_cache\store::MODE_REQUEST => ['default_request'],
]);
$writer->update_site_identifier(get_site_identifier()); // part of every key: the same on all nodes
$local = $writer->keep_locally('local');
make_lock_folders($site['local'] . '/muc');
if ($shared === 'default_application') {
    make_lock_folders(make_cache_directory('cachestore_file/default_application'));
}
echo "node: caches: $local definitions on the local disk, the others in $shared\n";
