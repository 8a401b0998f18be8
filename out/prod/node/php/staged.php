<?php
/**
 * Says to the boot's steps what they fetch: staged.json lists everything that a boot needs from outside AWS and Ubuntu, each at
 * the key staged/<sha256> of the site's bucket, where the deployer has put it.
 *
 * staged.php NAME          the digest of the one thing of that name
 * staged.php --archives    digest, kind and path of Moodle, then of its plugins and languages
 * staged.php --identity    a name for this very code
 * staged.php --zone        the zone of a One Zone file system, or nothing
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/settings.php';

final class Staged
{
    /** @param list<array{name:string,sha256:string,path?:string}> $things */
    public function __construct(private readonly array $things, private readonly string $version)
    {
    }

    public function digest(string $name): string
    {
        foreach ($this->things as $thing) {
            if ($thing['name'] === $name && $thing['sha256'] !== '') {
                return $thing['sha256'];
            }
        }
        throw new \RuntimeException("staged.json has no digest of $name, so nothing can be trusted to be it; run deploy lock, gen and deploy up");
    }

    /** @return list<array{sha256:string,kind:string,path:string}> Moodle first, since the others go into it */
    public function archives(): array
    {
        $list = [['sha256' => $this->digest('moodle'), 'kind' => 'moodle', 'path' => '-']];
        foreach (['plugin', 'language'] as $kind) {
            foreach ($this->things as $thing) {
                if ($thing['name'] === $kind) {
                    $list[] = ['sha256' => $thing['sha256'], 'kind' => $kind, 'path' => $thing['path']];
                }
            }
        }
        return $list;
    }

    /** Version and content: two nodes have the same identity exactly when their code is the same. */
    public function identity(): string
    {
        return $this->version . '-' . substr(hash('sha256', json_encode($this->archives(), JSON_THROW_ON_ERROR)), 0, 12);
    }

    public static function read(string $root = ''): self
    {
        $file = dirname(__DIR__) . '/staged.json';
        $things = json_decode((string) file_get_contents($file), true, 8, JSON_THROW_ON_ERROR);
        return new self($things, Settings::read($root . '/etc/node.env')->moodle['moodle']['version']);
    }
}

if (realpath($_SERVER['SCRIPT_FILENAME'] ?? '') !== __FILE__) {
    return;
}
echo match ($argv[1] ?? '') {
    '--archives' => implode("\n", array_map(fn ($a) => implode(' ', $a), Staged::read()->archives())),
    '--identity' => Staged::read()->identity(),
    '--zone' => Settings::read()->moodle['filesystem']['zone'] ?? '',
    default => Staged::read()->digest($argv[1] ?? ''),
}, "\n";
