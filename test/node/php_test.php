<?php
/** The node's own logic, without a framework: php test/node/php_test.php. Prints what failed and how many passed. */

declare(strict_types=1);

namespace Node;

const PHP_FILES = __DIR__ . '/../../stacks/app/node/php';
require PHP_FILES . '/configure.php';
require PHP_FILES . '/database.php';
require PHP_FILES . '/decision.php';
require PHP_FILES . '/ledger.php';
require PHP_FILES . '/secrets.php';
require PHP_FILES . '/journal.php';
require PHP_FILES . '/drain.php';

$passed = $failed = 0;
function same(mixed $want, mixed $got, string $what): void
{
    global $passed, $failed;
    if ($want === $got) {
        $passed++;
        return;
    }
    $failed++;
    echo "FAILED $what: want " . var_export($want, true) . ', got ' . var_export($got, true) . "\n";
}
function refused(callable $do, string $part, string $what): void
{
    try {
        $do();
        same("an error with \"$part\"", 'none', $what);
    } catch (\Throwable $e) {
        same(true, str_contains($e->getMessage(), $part), "$what ({$e->getMessage()})");
    }
}

// Every state that a database was seen in, and what is done with it.
foreach ([
    // marker, Moodle's tables, others, complete, version, code => action
    [null, 0, 0, false, 0.0, 2.0, Action::Install, 'empty'],
    ['installing', 0, 0, false, 0.0, 2.0, Action::Install, 'died before the first table'],
    ['installing', 462, 0, false, 2.0, 2.0, Action::Redo, 'died half-way, with the version already set'],
    ['installing', 489, 0, true, 2.0, 2.0, Action::Redo, 'died before the marker was written: the password may be missing'],
    ['installing', 3, 7, false, 0.0, 2.0, Action::Redo, 'died half-way, others untouched'],
    [null, 0, 7, false, 0.0, 2.0, Action::Refuse, 'somebody else\'s tables'],
    [null, 489, 0, false, 2.0, 2.0, Action::Refuse, 'an incomplete Moodle of somebody else'],
    [null, 489, 0, true, 2.0, 2.0, Action::Proceed, 'a restored Moodle'],
    ['installed', 489, 2, true, 2.0, 2.0, Action::Proceed, 'as it should be, with a plugin\'s table of another name'],
    ['installed', 489, 0, true, 1.0, 2.0, Action::Upgrade, 'older'],
    ['installed', 489, 0, true, 2025100600.03, 2025100600.02, Action::Refuse, 'newer by a hair'],
    ['installed', 0, 0, false, 0.0, 2.0, Action::Refuse, 'emptied by somebody'],
] as [$marker, $moodle, $others, $complete, $version, $code, $action, $what]) {
    $decision = Decision::on($marker, $moodle, $others, $complete, $version, $code);
    same($action, $decision->action, $what);
    same($action === Action::Refuse, $decision->reason !== '', "$what: a reason exactly when refused");
}

// What of the journal is kept, and where.
foreach ([
    [['SYSLOG_IDENTIFIER' => 'nginx', 'PRIORITY' => '6'], null, 'a request'],
    [['SYSLOG_IDENTIFIER' => 'nginx', 'PRIORITY' => '3', '_SYSTEMD_UNIT' => 'nginx.service'], 'nginx', 'an error of nginx'],
    [['SYSLOG_IDENTIFIER' => 'php-fpm', 'PRIORITY' => '5'], 'php', 'PHP'],
    [['_SYSTEMD_UNIT' => 'moodle-cron@0312.service', 'PRIORITY' => '6'], 'cron', 'cron'],
    [['_SYSTEMD_UNIT' => 'node-secrets.service', 'PRIORITY' => '6'], 'node', 'a part of the node'],
    [['_SYSTEMD_UNIT' => 'init.scope', 'UNIT' => 'php8.3-fpm.service', 'PRIORITY' => '4'], 'php', 'systemd about PHP'],
    [['_SYSTEMD_UNIT' => 'cloud-final.service', 'PRIORITY' => '6'], 'boot', 'the boot'],
    [['SYSLOG_IDENTIFIER' => 'kernel', 'PRIORITY' => '3'], 'system', 'the kernel, when it kills for memory'],
    [['SYSLOG_IDENTIFIER' => 'systemd', 'PRIORITY' => '6'], null, 'chatter'],
] as [$entry, $stream, $what]) {
    same($stream, Journal::stream($entry), "stream of $what");
}
same("caf\u{e9} ?", Journal::text([99, 97, 102, 195, 169, 32, 255]), 'bytes that are no UTF-8');
same(16_000, strlen(Journal::text(str_repeat('x', 20_000))), 'a message without end');
$sorted = Journal::sort([
    '{"SYSLOG_IDENTIFIER":"php-fpm","PRIORITY":"4","MESSAGE":"second","__REALTIME_TIMESTAMP":"2000999"}',
    '{"SYSLOG_IDENTIFIER":"php-fpm","PRIORITY":"4","MESSAGE":"first","__REALTIME_TIMESTAMP":"1000000"}',
    '{"SYSLOG_IDENTIFIER":"php-fpm","PRIORITY":"4","MESSAGE":" ","__REALTIME_TIMESTAMP":"1000000"}',
    'not JSON', '',
]);
same(['php' => [['timestamp' => 1000, 'message' => 'first'], ['timestamp' => 2000, 'message' => 'second']]], $sorted, 'entries in order');
$event = fn (int $at, int $length) => ['timestamp' => $at, 'message' => str_repeat('x', $length)];
same([], Journal::parts([]), 'nothing is no call');
same([5000, 5000, 1], array_map('count', Journal::parts(array_fill(0, 10_001, $event(1, 1)))), 'not too many events in a call');
same([56, 56, 8], array_map('count', Journal::parts(array_fill(0, 120, $event(1, 16_000)))), 'not too many bytes in a call');
same([1, 1], array_map('count', Journal::parts([$event(0, 1), $event(24 * 3600 * 1000, 1)])), 'not more than a day in a call');

// RFC 7677's own example: user, pencil, and its salt; the server's signature in it proves the keys.
$verifier = Database::verifier('pencil', base64_decode('W22ZaJ0SNY7soEsUEjb6gQ=='));
same(1, preg_match('#^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$([^:]+):(.+)$#', $verifier, $keys), 'form of the verifier');
$exchange = 'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
same('6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', base64_encode(hash_hmac('sha256', $exchange, base64_decode($keys[2] ?? ''), true)), 'server signature of RFC 7677');
refused(fn () => Database::known('postgres'), 'allowed are moodle_a and moodle_b', 'a foreign role in the secret');

// Sizes: at least 4, by memory where memory is short, by processors where it isn't.
same(4, Configure::children(900, 1), 'tiny');
same(34, Configure::children(4096, 4), 't4g.medium with four processors: memory decides');
same(32, Configure::children(24000, 2), 'much memory: processors decide');
same('a 3 b', Configure::fill('a @N@ b', ['N' => 3]), 'fill');
refused(fn () => Configure::fill('@WHAT@', []), '@WHAT@', 'a place for which nothing is known');

// The address: as browsers send it.
$moodle = ['moodle' => ['version' => '5.1']];
$settings = new Settings(['ADDRESS' => 'http://Moodle-LoadB-1ABC.eu-central-1.elb.amazonaws.com'], $moodle);
same('http://moodle-loadb-1abc.eu-central-1.elb.amazonaws.com', $settings->address(), 'lower case');
same(false, $settings->isHttps(), 'HTTP');
refused(fn () => $settings->get('REGION'), 'has no REGION', 'a setting that is missing');
same(false, $settings->has('CACHE_HOST'), 'no cache');

// What is fetched: Moodle first, then what goes into it, and never without a digest.
$things = [
    ['name' => 'language', 'path' => 'de', 'sha256' => 'l1'], ['name' => 'plugin', 'path' => 'mod/x', 'sha256' => 'p1'],
    ['name' => 'moodle', 'sha256' => 'm1'], ['name' => 'efs-utils', 'sha256' => ''],
];
$staged = new Staged($things, '5.1');
same(['m1 moodle -', 'p1 plugin mod/x', 'l1 language de'], array_map(fn ($a) => implode(' ', $a), $staged->archives()), 'order');
refused(fn () => $staged->digest('efs-utils'), 'no digest of efs-utils', 'a digest that is not known');
same($staged->identity(), (new Staged($things, '5.1'))->identity(), 'the same code, the same identity');
$things[1]['sha256'] = 'p2';
same(false, $staged->identity() === (new Staged($things, '5.1'))->identity(), 'another plugin, another identity');

// The secrets' file: whole, for www-data's group alone to read, and left alone when nothing is new.
$folder = sys_get_temp_dir() . '/node-secrets-' . getmypid();
$group = posix_getgrgid(posix_getgid())['name'];
Secrets::write(['database' => ['username' => 'moodle_a', 'password' => 'one']], "$folder/secrets.json", $group);
same('640', decoct(fileperms("$folder/secrets.json") & 0777), 'mode');
$inode = fileinode("$folder/secrets.json");
clearstatcache();
Secrets::write(['database' => ['username' => 'moodle_a', 'password' => 'one']], "$folder/secrets.json", $group);
clearstatcache();
same($inode, fileinode("$folder/secrets.json"), 'the same secret is not written again');
Secrets::write(['database' => ['username' => 'moodle_b', 'password' => 'two']], "$folder/secrets.json", $group);
same('moodle_b', json_decode((string) file_get_contents("$folder/secrets.json"), true)['database']['username'], 'a new one replaces it');
same(['secrets.json'], array_values(array_diff(scandir($folder), ['.', '..'])), 'nothing else is left');
unlink("$folder/secrets.json");
rmdir($folder);

/** A clock that is set by waiting, a metadata service whose tokens end, and an AWS that writes down what it is asked. */
final class World extends Http
{
    public int $time = 0, $granted = 0, $refused = 0;
    public int $cut = PHP_INT_MAX;       // the service gives tokens of this many seconds at most
    public array $paths = ['instance-id' => 'i-1', 'iam/security-credentials/' => 'role'];
    public array $answers = [];          // what AWS and the metadata service say before they come to their senses
    public array $asked = [];
    public array $events = [];           // second => what happens then
    private array $tokens = [];

    public function now(): int
    {
        return $this->time;
    }

    public function pause(int $seconds): void
    {
        for ($end = $this->time + $seconds; $this->time < $end; $this->time++) {
            ($this->events[$this->time] ?? fn () => null)();
        }
    }

    protected function send(string $method, string $url, array $headers, array $more): array
    {
        if ($this->answers !== []) {
            return array_shift($this->answers);
        }
        if ($method === 'PUT') {
            $lifetime = (int) substr($headers[0], strlen('X-aws-ec2-metadata-token-ttl-seconds: '));
            $this->tokens['t' . ++$this->granted] = $this->time + min($lifetime, $this->cut);
            return [200, "t$this->granted"];
        }
        if ($method === 'POST') {
            $this->asked[] = [$url, $headers, $more];
            return [200, '<AutoScalingGroupName>group</AutoScalingGroupName>'];
        }
        if (($this->tokens[substr($headers[0], strlen('X-aws-ec2-metadata-token: '))] ?? 0) <= $this->time) {
            $this->refused++;
            return [401, ''];
        }
        $path = substr($url, strlen('http://169.254.169.254/latest/meta-data/'));
        $key = ['Code' => 'Success', 'AccessKeyId' => 'A', 'SecretAccessKey' => 'S', 'Token' => "until $this->time"];
        $answer = $path === 'iam/security-credentials/role' ? json_encode($key) : $this->paths[$path] ?? null;
        return $answer === null ? [404, ''] : [200, $answer];
    }

    public function aws(): Aws
    {
        return new Aws(new Settings(['REGION' => 'eu-central-1', 'DNS_SUFFIX' => 'amazonaws.com'], []), $this);
    }
}

// The word that a node is to go, at the sixth minute: with the tokens that it asks for, and with a service that cuts them short.
foreach ([PHP_INT_MAX, 3] as $cut) {
    $world = new World();
    $world->cut = $cut;
    $world->events[360] = function () use ($world) {
        $world->paths['autoscaling/target-lifecycle-state'] = 'Terminated';
    };
    $busy = 14; // times five seconds
    $drain = new Drain($world->aws(), $world);
    $group = $drain->group();
    $drain->await();
    same(true, $world->time >= 360 && $world->time <= 370, "heard at the sixth minute ($world->time)");
    $renewed = $cut === 3 ? $world->refused > 30 && $world->granted === $world->refused + 1 : $world->refused === 0 && $world->granted === 2;
    same(true, $renewed, "tokens are renewed, before they end or when they have ($world->granted given, $world->refused refused)");
    $drain->finish($group, function () use (&$busy) {
        return $busy-- > 0;
    });
    $actions = array_map(function ($asked) {
        parse_str($asked[2][CURLOPT_POSTFIELDS], $fields);
        return $fields['Action'];
    }, $world->asked);
    same(['DescribeAutoScalingInstances', 'RecordLifecycleActionHeartbeat', 'RecordLifecycleActionHeartbeat', 'CompleteLifecycleAction'], $actions, 'what the group is told');
    same(true, count(array_unique(array_map(fn ($asked) => end($asked[1]), $world->asked))) > 1, 'each call has the credentials of its moment');
}

// What the metadata service says is told apart: no such path, a mistake, nothing at all.
$world = new World();
same(null, $world->aws()->metadata->find('autoscaling/target-lifecycle-state'), 'no such path');
refused(fn () => $world->aws()->metadata->get('placement'), 'has no placement', 'a path that must be there');
foreach ([[401, 'refuses a token'], [403, 'HTTP 403'], [400, 'HTTP 400']] as [$status, $part]) {
    $world = new World();
    $metadata = $world->aws()->metadata;
    $metadata->get('instance-id');
    $world->answers = $status === 401 ? [[401, ''], [200, 'new token'], [401, '']] : [[$status, '']];
    refused(fn () => $metadata->find('instance-id'), $part, "status $status");
}
foreach ([[500, ''], [0, 'timed out']] as $answer) {
    $world = new World();
    $world->answers = array_fill(0, 6, $answer);
    refused(fn () => $world->aws()->metadata->find('instance-id'), 'tried 6 times', "answer $answer[0] for half a minute");
    $world->answers = array_fill(0, 5, $answer);
    same('i-1', $world->aws()->metadata->find('instance-id'), "answer $answer[0] for a while");
}
$world = new World();
$world->answers = [[403, '']];
refused(fn () => $world->aws()->metadata->find('instance-id'), 'gives no token: HTTP 403', 'a service that is switched off');

// AWS says "later" with the status of a mistake. A mistake is not asked again.
foreach ([[[400, '{"__type":"ThrottlingException"}'], 1], [[403, '<Code>ExpiredToken</Code>'], 1], [[400, 'ValidationError'], 0], [[403, 'AccessDenied'], 0]] as [$answer, $works]) {
    $world = new class () extends Http {
        public array $answers = [];

        public function pause(int $seconds): void
        {
        }

        protected function send(string $method, string $url, array $headers, array $more): array
        {
            return match (true) {
                $method === 'POST' => array_shift($this->answers) ?? [200, 'done'],
                $method === 'PUT' => [200, 'token'],
                str_ends_with($url, '/') => [200, 'role'],
                default => [200, '{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T"}'],
            };
        }
    };
    $world->answers = [$answer];
    $aws = new Aws(new Settings(['REGION' => 'eu-central-1', 'DNS_SUFFIX' => 'amazonaws.com'], []), $world);
    $works ? same('done', $aws->query('logs', []), "$answer[1] is asked again") : refused(fn () => $aws->query('logs', []), $answer[1], 'a mistake');
}

// What the journal's reader takes of a command: no more than it can carry, and no failure for nothing.
same(["a\n", "b\n"], Journal::read('printf "a\nb\n"'), 'lines');
same(["y\n", "y\n", "y\n"], Journal::read('yes 2>/dev/null', 3), 'the first lines of many'); // yes says that nobody listens any more
refused(fn () => Journal::read('echo a; exit 3'), 'exit 3', 'a command that fails');

echo "$passed passed, $failed failed\n";
exit($failed === 0 ? 0 : 1);
