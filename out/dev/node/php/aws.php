<?php
/** AWS's APIs with the instance's role. For root only: the firewall keeps www-data from the metadata service. */

declare(strict_types=1);

namespace Node;

require_once __DIR__ . '/metadata.php';
require_once __DIR__ . '/settings.php';

final class Aws
{
    public readonly Metadata $metadata;

    public function __construct(private readonly Settings $settings, private readonly Http $http = new Http(), ?Metadata $metadata = null)
    {
        $this->metadata = $metadata ?? new Metadata($http);
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
        [$status, $answer] = $this->once($service, $headers, $body);
        if ($status !== 200 && str_contains($answer, 'ExpiredToken')) { // the credentials' end fell between reading and using them
            [$status, $answer] = $this->once($service, $headers, $body);
        }
        if ($status !== 200) {
            throw new \RuntimeException("ask $service: HTTP $status: " . substr($answer, 0, 500));
        }
        return $answer;
    }

    /**
     * With the role's credentials read anew for each call, so that no program outlives its own: the metadata service has new ones some
     * minutes before the old ones end (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html).
     *
     * @return array{int,string} status and body
     */
    private function once(string $service, array $headers, string $body): array
    {
        $role = $this->metadata->get('iam/security-credentials/');
        $key = json_decode($this->metadata->get("iam/security-credentials/$role"), true, 4, JSON_THROW_ON_ERROR);
        if ($key['Code'] !== 'Success') {
            throw new \RuntimeException("the instance's role $role has no credentials: {$key['Code']}");
        }
        $region = $this->settings->get('REGION');
        $headers[] = 'X-Amz-Security-Token: ' . $key['Token'];
        return $this->http->ask('POST', "https://$service.$region.{$this->settings->get('DNS_SUFFIX')}/", $headers, [
            CURLOPT_AWS_SIGV4 => "aws:amz:$region:$service",
            CURLOPT_USERPWD => $key['AccessKeyId'] . ':' . $key['SecretAccessKey'],
            CURLOPT_POSTFIELDS => $body,
        ]);
    }
}
