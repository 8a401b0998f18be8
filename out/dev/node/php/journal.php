<?php
/**
 * Takes what this machine writes into its journal to the site's log group, as root and for as long as the machine runs: what a node
 * wrote outlives it, and `deploy logs` reads it. Requests that were answered are not among it: the load balancer's log has each.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/aws.php';

final class Journal
{
    /** PutLogEvents takes 1 MiB and 10,000 events of at most 24 hours in order (CloudWatch Logs API reference). */
    private const BYTES = 900_000;
    private const EVENTS = 5_000;
    private const SPAN = 23 * 3600 * 1000; // milliseconds
    private const LONGEST = 16_000; // bytes of one message
    private const WARNING = 4;

    /** @var array<string,bool> streams that are known to exist */
    private array $streams = [];

    public function __construct(private readonly Aws $aws, private readonly string $group, private readonly string $instance)
    {
    }

    /**
     * What of the journal is worth keeping, by stream: all that the site's own parts say, and everybody's warnings. nginx writes requests
     * as informational and its errors above that.
     *
     * @param array<string,mixed> $entry as journalctl --output=json gives it
     */
    public static function stream(array $entry): ?string
    {
        $name = (string) ($entry['SYSLOG_IDENTIFIER'] ?? '');
        $unit = (string) ($entry['UNIT'] ?? $entry['_SYSTEMD_UNIT'] ?? '');
        $priority = (int) ($entry['PRIORITY'] ?? 6);
        return match (true) {
            $name === 'nginx' => $priority < 6 ? 'nginx' : null,
            $name === 'php-fpm', str_contains($unit, 'php') => 'php',
            str_starts_with($unit, 'moodle-cron@') => 'cron',
            str_starts_with($unit, 'node-') => 'node',
            str_starts_with($unit, 'cloud-final') => 'boot',
            $priority <= self::WARNING => 'system',
            default => null,
        };
    }

    /** The first lines that a command prints. @return list<string> */
    public static function read(string $command, int $most = 5000): array
    {
        $pipe = popen($command, 'r');
        $lines = [];
        while (count($lines) < $most && ($line = fgets($pipe)) !== false) {
            $lines[] = $line;
        }
        $code = pclose($pipe);
        if ($code !== 0 && count($lines) < $most) { // who is cut off at the most ends by a signal
            throw new \RuntimeException("$command: exit $code");
        }
        return $lines;
    }

    /** A message as text; journalctl gives bytes that are no UTF-8 as a list of numbers. */
    public static function text(mixed $message): string
    {
        if (is_array($message)) {
            $message = mb_scrub(implode('', array_map('chr', $message)), 'UTF-8');
        }
        return mb_strcut((string) $message, 0, self::LONGEST, 'UTF-8');
    }

    /** @param list<string> $lines of journalctl --output=json @return array<string,list<array{timestamp:int,message:string}>> by stream */
    public static function sort(array $lines): array
    {
        $sorted = [];
        foreach ($lines as $line) {
            $entry = json_decode($line, true) ?? [];
            $stream = self::stream($entry);
            $text = self::text($entry['MESSAGE'] ?? '');
            if ($stream !== null && trim($text) !== '') {
                $sorted[$stream][] = ['timestamp' => intdiv((int) $entry['__REALTIME_TIMESTAMP'], 1000), 'message' => $text];
            }
        }
        foreach ($sorted as &$events) {
            usort($events, fn ($a, $b) => $a['timestamp'] <=> $b['timestamp']);
        }
        return $sorted;
    }

    /** Cut so that each part is one call. @return list<list<array{timestamp:int,message:string}>> */
    public static function parts(array $events): array
    {
        $parts = [];
        $bytes = self::BYTES;
        foreach ($events as $event) {
            $size = strlen($event['message']) + 26;
            $last = end($parts);
            if ($bytes + $size > self::BYTES || count($last) >= self::EVENTS || $event['timestamp'] - $last[0]['timestamp'] > self::SPAN) {
                $parts[] = [];
                $bytes = 0;
            }
            $parts[array_key_last($parts)][] = $event;
            $bytes += $size;
        }
        return $parts;
    }

    public function send(string $stream, array $events): void
    {
        $to = ['logGroupName' => $this->group, 'logStreamName' => "$this->instance/$stream"];
        if (!isset($this->streams[$stream])) {
            try {
                $this->aws->json('logs', 'Logs_20140328.CreateLogStream', $to);
            } catch (\RuntimeException $e) {
                if (!str_contains($e->getMessage(), 'ResourceAlreadyExistsException')) {
                    throw $e;
                }
            }
            $this->streams[$stream] = true;
        }
        foreach (self::parts($events) as $part) {
            $answer = $this->aws->json('logs', 'Logs_20140328.PutLogEvents', $to + ['logEvents' => $part]);
            if (isset($answer['rejectedLogEventsInfo'])) { // with status 200: by a clock that was wrong, they are too old or too new
                fwrite(STDERR, "node: of $stream the log group takes not all: " . json_encode($answer['rejectedLogEventsInfo']) . "\n");
            }
        }
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME'] ?? '') !== __FILE__) {
    return;
}
const CURSOR = '/var/lib/node/journal-cursor';

$settings = Settings::read();
$aws = new Aws($settings);
$journal = new Journal($aws, $settings->get('LOG_GROUP'), $aws->metadata->get('instance-id'));
for (;; sleep(5)) {
    $from = is_file(CURSOR) ? '--after-cursor=' . escapeshellarg(trim((string) file_get_contents(CURSOR))) : '--boot';
    $lines = Journal::read("journalctl --quiet --all --output=json --output-fields=MESSAGE,PRIORITY,SYSLOG_IDENTIFIER,_SYSTEMD_UNIT,UNIT $from");
    if ($lines !== []) {
        foreach (Journal::sort($lines) as $stream => $events) {
            $journal->send($stream, $events);
        }
        file_put_contents(CURSOR, json_decode((string) end($lines), true)['__CURSOR']); // what was not sent is tried again after a restart
    }
}
