<?php
/**
 * Waits for the word that this node is to go, and lets cron finish its tasks before it says that it may. The group's hook waits for one
 * heartbeat only, which is repeated here while there is something to finish.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/aws.php';

const HOOK = 'drain';
const PATIENCE = 1800; // seconds: Moodle's own longest run of a cron process

$settings = Settings::read();
$aws = new Aws($settings);
while ($aws->metadata('autoscaling/target-lifecycle-state') !== 'Terminated') {
    sleep(10);
}
echo "node: this node is to go: no more cron here, and what runs may finish\n";
exec('systemctl stop moodle-cron.timer');
$instance = (string) $aws->metadata('instance-id');
$answer = $aws->query('autoscaling', ['Action' => 'DescribeAutoScalingInstances', 'Version' => '2011-01-01', 'InstanceIds.member.1' => $instance]);
preg_match('#<AutoScalingGroupName>([^<]+)<#', $answer, $group);
$tell = fn (string $action, array $more = []) => $aws->query('autoscaling', $more + [
    'Action' => $action, 'Version' => '2011-01-01', 'LifecycleHookName' => HOOK, 'AutoScalingGroupName' => $group[1] ?? '', 'InstanceId' => $instance,
]);
for ($waited = 0; $waited < PATIENCE && trim((string) shell_exec('systemctl list-units --no-legend "moodle-cron@*"')) !== ''; $waited += 5) {
    if ($waited % 60 === 0) {
        $tell('RecordLifecycleActionHeartbeat');
    }
    sleep(5);
}
$tell('CompleteLifecycleAction', ['LifecycleActionResult' => 'CONTINUE']);
echo "node: this node has nothing left to do\n";
