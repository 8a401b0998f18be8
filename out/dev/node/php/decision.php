<?php
/** What to do with a database, by what stands in it. No input or output, so that every case can be tested. */

declare(strict_types=1);

namespace Node;

enum Action
{
    case Install;
    case Redo;    // an installation died half-way: drop what it made, and install
    case Upgrade;
    case Proceed; // it is as this code wants it, as far as versions tell
    case Refuse;  // nothing is touched
}

final class Decision
{
    private function __construct(public readonly Action $action, public readonly string $reason)
    {
    }

    /**
     * @param ?string $marker       state of our own row: installing, installed, or null where there is none
     * @param int     $moodleTables tables with Moodle's prefix
     * @param int     $otherTables  any others but our own
     * @param bool    $complete     Moodle's rolesactive is 1. (Its version says nothing: it is set a third of the way in.)
     * @param float   $version      Moodle's version in the database, 0 where there is none
     * @param float   $code         version of this node's code
     */
    public static function on(?string $marker, int $moodleTables, int $otherTables, bool $complete, float $version, float $code): self
    {
        $answer = fn (Action $action, string $reason = '') => new self($action, $reason);
        if ($moodleTables === 0) {
            return match (true) {
                $marker === 'installed' => $answer(Action::Refuse, 'the database is marked as installed, but Moodle\'s tables are gone. Restore the backup of the database; nothing was touched'),
                $otherTables > 0 => $answer(Action::Refuse, "the database holds $otherTables tables that are not Moodle's. Nothing was touched; give the site a database of its own"),
                default => $answer(Action::Install),
            };
        }
        if ($marker === 'installing') {
            return $answer(Action::Redo);
        }
        if (!$complete) {
            return $answer(Action::Refuse, 'the database holds an incomplete Moodle that this site did not begin. Nothing was touched; restore a complete backup, or empty the database');
        }
        return match (true) {
            $version > $code => $answer(Action::Refuse, "the database is of version $version, newer than this code ($code), and Moodle cannot go back. Deploy the newer code, or restore the backup that was made before the upgrade"),
            $version < $code => $answer(Action::Upgrade),
            default => $answer(Action::Proceed),
        };
    }
}
