package environment

// moodleMistakes are about Moodle, its archives and settings.
var moodleMistakes = []badInput{
	{"PHP refused", small, `version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `version: "4.1"
  archive:
    url: https://packaging.moodle.org/moodle-4.1.tgz`,
		`test.yaml:6:12: moodle.version: 4.1 runs on PHP 7.4 to 8.1, but a node has 8.3 (Ubuntu 24.04); use one of 5.3, 5.2, 5.1, 4.5`},
	{"ended", small, `version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `version: "5.0.3"
  archive:
    url: https://packaging.moodle.org/moodle-5.0.3.tgz`,
		`test.yaml:6:12: moodle.version: 5.0.3 has had no security fixes since 2026-10-05; use one of 5.3, 5.2, 5.1, 4.5`},
	{"ended long ago", small, `version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `version: "4.4"
  archive:
    url: https://packaging.moodle.org/moodle-4.4.tgz`,
		`test.yaml:6:12: moodle.version: 4.4 has had no security fixes since 2025-12-08; use one of 5.3, 5.2, 5.1, 4.5`},
	{"not known", small, `version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `version: "5.4"
  archive:
    url: https://packaging.moodle.org/moodle-5.4.tgz`,
		`test.yaml:6:12: moodle.version: 5.4 is not known to this program; use one of 5.3, 5.2, 5.1, 4.5`},
	{"no version", small, `version: "5.3"
  archive:
    url: https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `version: "MOODLE_503"
  archive:
    url: https://packaging.moodle.org/moodle-MOODLE_503.tgz`,
		`test.yaml:6:12: moodle.version: MOODLE_503 is not allowed; use a release in quotes, e.g. "5.3" or "5.1.7"`},
	{"database refused", small, ``, `database: {version: "16.9"}`,
		`test.yaml:12:21: database.version: Moodle 5.3 refuses PostgreSQL 16; use 17 or newer, e.g. "17.11"`},
	{"archive of another release", small, `moodle-5.3.tgz`, `moodle-5.2.tgz`,
		`test.yaml:8:10: moodle.archive.url: moodle-5.2.tgz is Moodle 5.2, moodle.version is 5.3; make them the same, and set sha256 to the archive's checksum`},
	{"archive that moves", small, `moodle-5.3.tgz`, `moodle-latest-503.tgz`,
		`test.yaml:8:10: moodle.archive.url: moodle-latest-503.tgz changes every week, so its checksum would soon be wrong; use the archive of one release, e.g. moodle-5.3.tgz`},
	{"archive over http", small, `https://packaging.moodle.org/stable503/`, `http://packaging.moodle.org/stable503/`,
		`test.yaml:8:10: moodle.archive.url: http://packaging.moodle.org/stable503/moodle-5.3.tgz is not an https address; use an https address, or a path relative to the environment file`},
	{"archive by HTTPS in capitals", small, `https://packaging.moodle.org/stable503/`, `HTTPS://packaging.moodle.org/stable503/`,
		`test.yaml:8:10: moodle.archive.url: HTTPS://packaging.moodle.org/stable503/moodle-5.3.tgz is not an https address; use an https address, or a path relative to the environment file`},
	{"archive of no host", small, `packaging.moodle.org`, `:443`,
		`test.yaml:8:10: moodle.archive.url: https://:443/stable503/moodle-5.3.tgz is not an https address: it names no host; use an https address, or a path relative to the environment file`},
	{"archive by an absolute path", small, `https://packaging.moodle.org/stable503/`, `/srv/`,
		`test.yaml:8:10: moodle.archive.url: /srv/moodle-5.3.tgz is not a plain relative path; use an https address, or a path relative to the environment file`},
	{"archive by a crooked path", small, `https://packaging.moodle.org/stable503/`, `./a/../`,
		`test.yaml:8:10: moodle.archive.url: ./a/../moodle-5.3.tgz is not a plain relative path; use an https address, or a path relative to the environment file`},
	{"archive with a password", small, `https://packaging.moodle.org/`, `https://me:hunter2@packaging.moodle.org/`,
		`test.yaml:8:10: moodle.archive.url: looks like a secret, and this file and out/ are committed, where others can read them; give an address without one, or download the file and give its path`},
	{"archive with a signature", small, `moodle-5.3.tgz`, `moodle-5.3.tgz?X-Amz-Signature=abcdef`,
		`test.yaml:8:10: moodle.archive.url: looks like a secret, and this file and out/ are committed, where others can read them; give an address without one, or download the file and give its path`},
	{"digest too short", small, `7e5edf11`, `7e`,
		`test.yaml:9:13: moodle.archive.sha256: 7e0555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795dd511 is not allowed; use 64 hexadecimal digits in lower case, as sha256sum prints them`},
	{"digest in capitals", small, `sha256: 7e5edf11`, `sha256: 7E5EDF11`,
		`test.yaml:9:13: moodle.archive.sha256: 7E5EDF110555956571f40e42acffde0eb23681ebebd212a2fec0fe7d795… is not allowed; use 64 hexadecimal digits in lower case, as sha256sum prints them`},
	{"plugin outside the code", small, ``, `  plugins:
    - {path: ../mod/x, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}`,
		`test.yaml:13:14: moodle.plugins[0].path: ../mod/x is not a valid folder of Moodle's code; use lower-case letters, digits, _ and /, e.g. mod/attendance`},
	{"plugin by an absolute path", small, ``, `  plugins:
    - {path: /mod/x, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}`,
		`test.yaml:13:14: moodle.plugins[0].path: /mod/x is not a valid folder of Moodle's code; use lower-case letters, digits, _ and /, e.g. mod/attendance`},
	{"plugin below public", small, ``, `  plugins:
    - {path: public/mod/attendance, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}`,
		`test.yaml:13:14: moodle.plugins[0].path: public/mod/attendance starts with public/, which the node adds where the release has it; use mod/attendance`},
	{"plugin in no folder for plugins", small, ``, `  plugins:
    - {path: mods/attendance, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}`,
		`test.yaml:13:14: moodle.plugins[0].path: mods/attendance is not in a folder for plugins; did you mean mod?; use e.g. mod/…, blocks/…, theme/…, local/…, question/type/…`},
	{"plugin without its type", small, ``, `  plugins:
    - {path: attendance, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}`,
		`test.yaml:13:14: moodle.plugins[0].path: attendance is not a valid folder of Moodle's code; use lower-case letters, digits, _ and /, e.g. mod/attendance`},
	{"plugin twice", small, ``, `  plugins:
    - {path: mod/attendance, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}
    - {path: mod/attendance, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}`,
		`test.yaml:14:14: moodle.plugins[1].path: mod/attendance is the same as in item 1; remove one`},
	{"plugin without digest", small, ``, `  plugins:
    - path: mod/attendance
      url: a.zip`,
		`test.yaml:13:7: moodle.plugins[0].sha256: is missing: SHA-256 of the file, 64 hexadecimal digits`},
	{"language without its pack", small, ``, `  language: de`,
		`test.yaml:12:13: moodle.language: de has no language pack under moodle.languages, and Moodle contains only en; add the pack with code, url and sha256`},
	{"pack of English", small, ``, `  languages:
    - {code: en, url: a.zip, sha256: "0000000000000000000000000000000000000000000000000000000000000000"}`,
		`test.yaml:13:14: moodle.languages[0].code: en is part of Moodle; remove it`},
	{"language by its name", small, ``, `  language: Deutsch`,
		`test.yaml:12:13: moodle.language: Deutsch is not allowed; use Moodle's code of a language, e.g. en or pt_br`},
	{"old name of a time zone", small, ``, `  timeZone: Europe/Kiev`,
		`test.yaml:12:13: moodle.timeZone: Europe/Kiev is an old name that the nodes do not know; use Europe/Kyiv, the zone's name now`},
	{"old name of a time zone in other letters", small, ``, `  timeZone: us/eastern`,
		`test.yaml:12:13: moodle.timeZone: us/eastern is an old name that the nodes do not know; use America/New_York, the zone's name now`},
	{"unknown time zone", small, ``, `  timeZone: Berlin`,
		`test.yaml:12:13: moodle.timeZone: Berlin is not a known time zone; use a name of the IANA database, e.g. Europe/Berlin, or UTC`},
	{"upload too large", small, ``, `  uploadMiB: 4096`,
		`test.yaml:12:14: moodle.uploadMiB: 4096 is not allowed; use 1 to 2047`},
	{"name of two lines", small, `siteName: Moodle`, `siteName: "Moodle\nof the school"`,
		`test.yaml:10:13: moodle.siteName: "Moodle\nof the school" is not allowed; use one line of 1 to 254 characters`},
	{"setting wwwroot", small, ``, `  settings: {wwwroot: "x"}`,
		`test.yaml:12:23: moodle.settings.wwwroot: is set by the site itself; use domain.name; the nodes set what the load balancer requires`},
	{"setting dbpass", small, ``, `  settings: {dbpass: "x"}`,
		`test.yaml:12:22: moodle.settings.dbpass: is set by the site itself; use database; the nodes know its address and read its secret themselves`},
	{"setting dataroot", small, ``, `  settings: {dataroot: "x"}`,
		`test.yaml:12:24: moodle.settings.dataroot: is set by the site itself; use filesystem; every node must use the same folders`},
	{"setting sslproxy", small, ``, `  settings: {sslproxy: "x"}`,
		`test.yaml:12:24: moodle.settings.sslproxy: is set by the site itself; use domain.name; the nodes set what the load balancer requires`},
	{"setting reverseproxy", small, ``, `  settings: {reverseproxy: "x"}`,
		`test.yaml:12:28: moodle.settings.reverseproxy: is set by the site itself; use domain.name; the nodes set what the load balancer requires`},
	{"setting session_handler_class", small, ``, `  settings: {session_handler_class: "x"}`,
		`test.yaml:12:37: moodle.settings.session_handler_class: is set by the site itself; use cache.type; every node must share sessions, caches and locks`},
	{"setting maxbytes", small, ``, `  settings: {maxbytes: "x"}`,
		`test.yaml:12:24: moodle.settings.maxbytes: is set by the site itself; use moodle.uploadMiB`},
	{"setting smtphosts", small, ``, `  settings: {smtphosts: "x"}`,
		`test.yaml:12:25: moodle.settings.smtphosts: is set by the site itself; use mail`},
	{"setting with a strange name", small, ``, `  settings: {"$CFG->x": "1"}`,
		`test.yaml:12:25: moodle.settings.$CFG->x: $CFG->x is not a valid setting name; use its name in mdl_config, e.g. forcelogin, or plugin/name`},
	{"setting with a number", small, ``, `  settings: {forcelogin: 1}`,
		`test.yaml:12:26: moodle.settings.forcelogin: 1 is read as a number by YAML; quote it: "1"`},
	{"setting named a secret", small, ``, `  settings: {auth_ldap/bind_pw: hunter2}`,
		`test.yaml:12:33: moodle.settings.auth_ldap/bind_pw: has the name of a secret, and this file and out/ are committed, where others can read them; keep it in Moodle's own administration, or for mail in the secret that mail.secret names`},
	{"setting named a key", small, ``, `  settings: {googlemapkey3: hunter2}`,
		`test.yaml:12:29: moodle.settings.googlemapkey3: has the name of a secret, and this file and out/ are committed, where others can read them; keep it in Moodle's own administration, or for mail in the secret that mail.secret names`},
	{"setting of a random key", small, ``, `  settings: {tool_x/id: "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"}`,
		`test.yaml:12:25: moodle.settings.tool_x/id: looks like a secret, and this file and out/ are committed, where others can read them; keep it in Moodle's own administration, or for mail in the secret that mail.secret names`},
	{"AWS access key", small, `siteName: Moodle`, `siteName: AKIAIOSFODNN7EXAMPLE`,
		`test.yaml:10:13: moodle.siteName: looks like a secret, and this file and out/ are committed, where others can read them; keep it in Moodle's own administration, or for mail in the secret that mail.secret names`},
	{"unquoted secret", small, ``, `  settings: {apitoken: 12345678}`,
		`test.yaml:12:24: moodle.settings.apitoken: has the name of a secret, and this file and out/ are committed, where others can read them; keep it in Moodle's own administration, or for mail in the secret that mail.secret names`},
	{"archive with a fragment", small, `moodle-5.3.tgz`, `moodle-5.3.tgz#top`,
		`test.yaml:8:10: moodle.archive.url: https://packaging.moodle.org/stable503/moodle-5.3.tgz#top has a # part, which a download does not need; use an https address, or a path relative to the environment file`},
	{"archive by no address", small, `https://packaging.moodle.org/`, `https://[packaging`,
		`test.yaml:8:10: moodle.archive.url: https://[packagingstable503/moodle-5.3.tgz is not allowed; use an https address, or a path relative to the environment file`},
	{"archive by a broken escape", small, `moodle-5.3.tgz`, `moodle-5.3%zz.tgz`,
		`test.yaml:8:10: moodle.archive.url: https://packaging.moodle.org/stable503/moodle-5.3%zz.tgz is not a valid address; use an https address, or a path relative to the environment file`},
	{"archive by a host without a path of https", small, `https://packaging.moodle.org/stable503/moodle-5.3.tgz`, `ftp://packaging.moodle.org/moodle-5.3.tgz`,
		`test.yaml:8:10: moodle.archive.url: ftp://packaging.moodle.org/moodle-5.3.tgz is not an https address; use an https address, or a path relative to the environment file`},
}
