<?php
/**
 * Waits for the word that this node is to go, and lets cron finish its tasks before it says that it may. The group's hook waits for one
 * heartbeat only, which is repeated here while there is something to finish.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/aws.php';

final class Drain
{
    private const HOOK = 'drain';
    private const PATIENCE = 1800; // seconds: Moodle's own longest run of a cron process
    private const API = '2011-01-01';

    public function __construct(private readonly Aws $aws, private readonly Http $http)
    {
    }

    /** The name of the group that keeps this node. It is asked early: a node that is being taken away has other things to do. */
    public function group(): string
    {
        $instance = $this->aws->metadata->get('instance-id');
        $answer = $this->aws->query('autoscaling', ['Action' => 'DescribeAutoScalingInstances', 'Version' => self::API, 'InstanceIds.member.1' => $instance]);
        return preg_match('#<AutoScalingGroupName>([^<]+)<#', $answer, $group) ? $group[1] : throw new \RuntimeException("find the group of $instance: it is in none");
    }

    /**
     * Returns when the group takes this node away, which may be in a month. The path is absent until the group has set a state
     * (https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html).
     */
    public function await(): void
    {
        while ($this->aws->metadata->find('autoscaling/target-lifecycle-state') !== 'Terminated') {
            $this->http->pause(10);
        }
    }

    /** Tells the group that this node goes on, as long as $busy says so, and then that it is done. @param \Closure():bool $busy */
    public function finish(string $group, \Closure $busy): void
    {
        $instance = $this->aws->metadata->get('instance-id');
        $tell = fn (string $action, array $more = []) => $this->aws->query('autoscaling', $more + [
            'Action' => $action, 'Version' => self::API, 'LifecycleHookName' => self::HOOK, 'AutoScalingGroupName' => $group, 'InstanceId' => $instance,
        ]);
        for ($waited = 0; $waited < self::PATIENCE && $busy(); $waited += 5) {
            if ($waited % 60 === 0) {
                $tell('RecordLifecycleActionHeartbeat');
            }
            $this->http->pause(5);
        }
        $tell('CompleteLifecycleAction', ['LifecycleActionResult' => 'CONTINUE']);
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME'] ?? '') !== __FILE__) {
    return;
}
/** @return list<string> what it printed */
function systemctl(string $arguments): array
{
    exec("systemctl $arguments", $lines, $code);
    return $code === 0 ? $lines : throw new \RuntimeException("systemctl $arguments: exit $code");
}

$http = new Http();
$drain = new Drain(new Aws(Settings::read(), $http), $http);
$group = $drain->group();
$drain->await();
echo "node: this node is to go: no more cron here, and what runs may finish\n";
systemctl('stop moodle-cron.timer moodle-cron.service');
// By their states: without them systemctl also lists runs that have failed.
$drain->finish($group, fn () => systemctl('list-units --no-legend --state=activating,active,deactivating "moodle-cron@*"') !== []);
echo "node: this node has nothing left to do\n";
