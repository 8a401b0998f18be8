<?php
/** AWS's APIs with the instance's role. For root only: the firewall keeps www-data from the metadata service. */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/settings.php';

final class Aws
{
    private const METADATA = 'http://169.254.169.254/latest/';

    private ?string $session = null;

    public function __construct(private readonly Settings $settings)
    {
    }

    /** What the metadata service says, or null where it has no such path. */
    public function metadata(string $path): ?string
    {
        $this->session ??= $this->http('PUT', self::METADATA . 'api/token', ['X-aws-ec2-metadata-token-ttl-seconds: 300'])[1];
        [$status, $body] = $this->http('GET', self::METADATA . 'meta-data/' . $path, ["X-aws-ec2-metadata-token: $this->session"]);
        return $status === 200 ? $body : null;
    }

    /** The fields of a secret that is a JSON object. @return array<string,string> */
    public function secret(string $arn): array
    {
        $answer = $this->json('secretsmanager', 'secretsmanager.GetSecretValue', ['SecretId' => $arn]);
        return json_decode($answer['SecretString'], true, 8, JSON_THROW_ON_ERROR);
    }

    /** One call of an API that speaks JSON. @return array<string,mixed> */
    public function json(string $service, string $target, array $input): array
    {
        $headers = ['Content-Type: application/x-amz-json-1.1', "X-Amz-Target: $target"];
        $body = $this->signed($service, $headers, json_encode($input, JSON_THROW_ON_ERROR));
        return $body === '' ? [] : json_decode($body, true, 32, JSON_THROW_ON_ERROR);
    }

    /** One call of an API that speaks forms and XML. */
    public function query(string $service, array $input): string
    {
        return $this->signed($service, ['Content-Type: application/x-www-form-urlencoded'], http_build_query($input));
    }

    private function signed(string $service, array $headers, string $body): string
    {
        $role = $this->metadata('iam/security-credentials/');
        $key = json_decode((string) $this->metadata("iam/security-credentials/$role"), true, 4, JSON_THROW_ON_ERROR);
        $region = $this->settings->get('REGION');
        $headers[] = 'X-Amz-Security-Token: ' . $key['Token'];
        [$status, $answer] = $this->http('POST', "https://$service.$region.{$this->settings->get('DNS_SUFFIX')}/", $headers, [
            CURLOPT_AWS_SIGV4 => "aws:amz:$region:$service",
            CURLOPT_USERPWD => $key['AccessKeyId'] . ':' . $key['SecretAccessKey'],
            CURLOPT_POSTFIELDS => $body,
        ]);
        if ($status !== 200) {
            throw new \RuntimeException("ask $service: HTTP $status: " . substr($answer, 0, 500));
        }
        return $answer;
    }

    /** Tries until something answers. @return array{int,string} status and body */
    private function http(string $method, string $url, array $headers, array $more = []): array
    {
        for ($try = 1;; $try++) {
            $curl = curl_init($url);
            curl_setopt_array($curl, $more + [
                CURLOPT_CUSTOMREQUEST => $method, CURLOPT_HTTPHEADER => $headers, CURLOPT_RETURNTRANSFER => true,
                CURLOPT_CONNECTTIMEOUT => 5, CURLOPT_TIMEOUT => 20,
            ]);
            $body = curl_exec($curl);
            $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
            if (is_string($body) && $status !== 429 && $status < 500) {
                return [$status, $body];
            }
            if ($try === 6) {
                throw new \RuntimeException("$method $url: " . (is_string($body) ? "HTTP $status: " . substr($body, 0, 500) : curl_error($curl)));
            }
            sleep(2 ** ($try - 1));
        }
    }
}
