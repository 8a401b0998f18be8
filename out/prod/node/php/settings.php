<?php
/** What this node was told: /etc/node.env (by the launch template) and moodle.json (by the environment file). */

declare(strict_types=1);

namespace Node;

final class Settings
{
    /**
     * @param array<string,string> $env    REGION, ADDRESS, DATABASE_HOST, …
     * @param array<string,mixed>  $moodle what moodle.json says
     */
    public function __construct(public readonly array $env, public readonly array $moodle)
    {
    }

    public static function read(string $env = '/etc/node.env', ?string $moodle = null): self
    {
        $moodle ??= dirname(__DIR__) . '/moodle.json';
        $lines = parse_ini_file($env, false, INI_SCANNER_RAW);
        if ($lines === false) {
            throw new \RuntimeException("read $env: it is missing or broken; the user data writes it");
        }
        return new self($lines, json_decode((string) file_get_contents($moodle), true, 64, JSON_THROW_ON_ERROR));
    }

    public function get(string $name): string
    {
        return $this->env[$name] ?? throw new \RuntimeException("/etc/node.env has no $name; the launch template should have written it");
    }

    public function has(string $name): bool
    {
        return ($this->env[$name] ?? '') !== '';
    }

    /** The site's address as browsers send it. Load balancers' own names have capitals, and Moodle compares letter by letter. */
    public function address(): string
    {
        return strtolower($this->get('ADDRESS'));
    }

    public function isHttps(): bool
    {
        return str_starts_with($this->address(), 'https://');
    }
}
