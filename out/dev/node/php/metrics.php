<?php
/** Puts what check.php says into CloudWatch, as root, once a minute: a failed part is a 0. */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/aws.php';

$curl = curl_init('http://127.0.0.1:8081/');
curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_TIMEOUT => 30]);
$answer = json_decode((string) curl_exec($curl), true) ?? ['ok' => false];
$settings = Settings::read();
$site = require '/etc/moodle/site.php';
$data = ['Action' => 'PutMetricData', 'Version' => '2010-08-01', 'Namespace' => 'Moodle'];
$number = 0;
foreach (['ok', 'database', 'fileSystem', 'cache', 'cron', 'disk'] as $name) {
    $good = $name === 'ok' ? $answer['ok'] : $answer[$name]['ok'] ?? false;
    $number++;
    $data["MetricData.member.$number.MetricName"] = $name === 'ok' ? 'NodeIsWell' : ucfirst($name) . 'IsWell';
    $data["MetricData.member.$number.Value"] = $good ? '1' : '0';
    $data["MetricData.member.$number.Dimensions.member.1.Name"] = 'Site';
    $data["MetricData.member.$number.Dimensions.member.1.Value"] = $site['site'];
    if (!$good) {
        fwrite(STDERR, "node: check: $name: " . ($answer[$name]['error'] ?? 'failed') . "\n");
    }
}
(new Aws($settings))->query('monitoring', $data);
