<?php
/**
 * The instance metadata service, by its second version only
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html): 401 is a token that is over, 404 a path that
 * is not there, and all else is an error, which must never be taken for one of these.
 */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/http.php';

final class Metadata
{
    private const ADDRESS = 'http://169.254.169.254/latest/';
    private const LIFETIME = 300; // seconds

    private ?string $token = null;
    private int $renewal = 0;

    public function __construct(private readonly Http $http, private readonly string $address = self::ADDRESS)
    {
    }

    /** What stands at a path, or null where there is no such path. */
    public function find(string $path): ?string
    {
        [$status, $body] = $this->ask($path);
        if ($status === 401) { // the service may forget a token before its time
            $this->token = null;
            [$status, $body] = $this->ask($path);
        }
        return match ($status) {
            200 => $body,
            404 => null,
            401 => throw new \RuntimeException("the instance metadata service refuses a token that it has just given (HTTP 401 for $path)"),
            default => throw new \RuntimeException("the instance metadata service answers HTTP $status for $path"),
        };
    }

    /** What stands at a path that every instance of the site has. */
    public function get(string $path): string
    {
        return $this->find($path) ?? throw new \RuntimeException("the instance metadata service has no $path");
    }

    /** @return array{int,string} */
    private function ask(string $path): array
    {
        return $this->http->ask('GET', "{$this->address}meta-data/$path", ["X-aws-ec2-metadata-token: {$this->token()}"]);
    }

    /** A token with at least a fifth of its time before it. */
    private function token(): string
    {
        if ($this->token === null || $this->http->now() >= $this->renewal) {
            $made = $this->http->now();
            [$status, $token] = $this->http->ask('PUT', $this->address . 'api/token', ['X-aws-ec2-metadata-token-ttl-seconds: ' . self::LIFETIME]);
            if ($status !== 200) {
                throw new \RuntimeException("the instance metadata service gives no token: HTTP $status (403: it is switched off)");
            }
            $this->token = $token;
            $this->renewal = $made + intdiv(self::LIFETIME * 4, 5);
        }
        return $this->token;
    }
}
