<?php
/** Requests over HTTP, asked again where that helps. A test overrides how one is sent, how time passes, and what the clock says. */

declare(strict_types=1);

namespace Node;

class Http
{
    /** Of AWS's errors with status 400 those that mean "later": each API has its own name (docs.aws.amazon.com/sdkref, feature-retry-behavior). */
    private const LATER = '/Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/';

    private const TRIES = 6;

    /** Asks until there is an answer that another try would not change. @return array{int,string} status and body */
    public function ask(string $method, string $url, array $headers, array $more = []): array
    {
        for ($try = 1;; $try++) {
            [$status, $body] = $this->send($method, $url, $headers, $more);
            $later = $status === 0 || $status === 429 || $status >= 500 || ($status === 400 && preg_match(self::LATER, $body));
            if (!$later) {
                return [$status, $body];
            }
            if ($try === self::TRIES) {
                throw new \RuntimeException("$method $url, tried $try times: " . ($status === 0 ? $body : "HTTP $status: " . substr($body, 0, 500)));
            }
            $this->pause(2 ** ($try - 1));
        }
    }

    /** One try. @return array{int,string} status 0 and the reason where nothing answered */
    protected function send(string $method, string $url, array $headers, array $more): array
    {
        $curl = curl_init($url);
        curl_setopt_array($curl, $more + [
            CURLOPT_CUSTOMREQUEST => $method, CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true,
            CURLOPT_CONNECTTIMEOUT => 5, CURLOPT_TIMEOUT => 20,
        ]);
        $body = curl_exec($curl);
        return is_string($body) ? [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $body] : [0, curl_error($curl)];
    }

    public function pause(int $seconds): void
    {
        sleep($seconds);
    }

    /** Seconds of a clock that nobody sets. */
    public function now(): int
    {
        return intdiv(hrtime(true), 1_000_000_000);
    }
}
