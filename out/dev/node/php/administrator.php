<?php
/** Prints, for bootstrap.php's standard input, what www-data can't read itself: the first administrator and the permission to upgrade. */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/aws.php';

$settings = Settings::read();
echo json_encode([
    'administrator' => (new Aws($settings))->secret($settings->get('ADMINISTRATOR_SECRET')),
    'mayUpgrade' => ($argv[1] ?? 'no') === 'yes',
], JSON_THROW_ON_ERROR);
