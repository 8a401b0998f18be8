package environment

// siteMistakes are about the site, its name and certificate, its mail, what it accepts.
var siteMistakes = []badInput{
	{"capital in the name", small, `site: moodle-dev`, `site: Moodle-Dev`,
		`test.yaml:1:7: site: Moodle-Dev is not allowed; allowed: 2 to 25 lower-case letters, digits and single hyphens, a letter first, no hyphen last`},
	{"double hyphen", small, `site: moodle-dev`, `site: moodle--dev`,
		`test.yaml:1:7: site: moodle--dev is not allowed; allowed: 2 to 25 lower-case letters, digits and single hyphens, a letter first, no hyphen last`},
	{"hyphen at the end", small, `site: moodle-dev`, `site: moodle-`,
		`test.yaml:1:7: site: moodle- is not allowed; allowed: 2 to 25 lower-case letters, digits and single hyphens, a letter first, no hyphen last`},
	{"too long for the bucket", small, `site: moodle-dev
region: eu-central-1
network:
  zones: [eu-central-1a, eu-central-1b]`, `site: moodle-of-a-long-school-x
region: us-isof-south-1
network:
  zones: [us-isof-south-1a, us-isof-south-1b]`,
		`test.yaml:1:7: site: moodle-of-a-long-school-x is too long for this region, whose name is part of the bucket's; allowed are 24 characters`},
	{"no region", small, `region: eu-central-1`, `region: Frankfurt`,
		`test.yaml:2:9: region: Frankfurt is not allowed; allowed: the name of an AWS region, e.g. eu-central-1`},
	{"a zone for the region", small, `region: eu-central-1`, `region: eu-central-1a`,
		`test.yaml:2:9: region: eu-central-1a is not allowed; allowed: the name of an AWS region, e.g. eu-central-1`},
	{"account too short", small, ``, `account: "1234"`,
		`test.yaml:12:10: account: 1234 is not allowed; allowed: 12 digits in quotes`},
	{"tag of AWS", small, ``, `tags: {"aws:owner": me}`,
		`test.yaml:12:21: tags.aws:owner: names that start with aws: belong to AWS; choose another`},
	{"tags that differ in capitals", small, ``, `tags: {Owner: a, owner: b}`,
		`test.yaml:12:25: tags.owner: differs from Owner in capitals only; IAM takes them for the same tag, so the deployment would fail`},
	{"tag with a strange name", small, ``, `tags: {"a;b": c}`,
		`test.yaml:12:15: tags.a;b: a;b is no name of a tag; allowed are letters, digits, spaces and + - = . _ : / @, up to 128`},
	{"tag with a strange value", small, ``, `tags: {Owner: "a;b"}`,
		`test.yaml:12:15: tags.Owner: a;b is not allowed; allowed: 1 to 256 letters, digits, spaces and + - = . _ : / @`},
	{"empty tag", small, ``, `tags: {Owner: ""}`,
		`test.yaml:12:15: tags.Owner: is empty; give a text, or leave the key out if it may be`},
	{"too many tags", small, ``, `tags: {t0: x, t1: x, t2: x, t3: x, t4: x, t5: x, t6: x, t7: x, t8: x, t9: x, t10: x, t11: x, t12: x, t13: x, t14: x, t15: x, t16: x, t17: x, t18: x, t19: x, t20: x, t21: x, t22: x, t23: x, t24: x, t25: x, t26: x, t27: x, t28: x, t29: x, t30: x, t31: x, t32: x, t33: x, t34: x, t35: x, t36: x, t37: x, t38: x, t39: x, t40: x}`,
		`test.yaml:12:1: tags: holds 41; allowed are 0 to 40 items`},
	{"production without a domain", full, `domain: {name: moodle.example.edu, zone: Z0123456789ABCDEFGHIJ}
`, ``,
		`test.yaml:1:1: domain: is missing: a production site has a name and HTTPS, else passwords travel readable; give domain.name and domain.zone, or accept it knowingly: accept: {no-domain: "your reason"}`},
	{"production with a single NAT gateway", full, `network:`, `network:
  nat: single`,
		`test.yaml:4:8: network.nat: single cuts the nodes of every zone off when one zone fails; allowed in production is perZone, or accept it knowingly: accept: {single-nat: "your reason"}`},
	{"production with a single node", full, ``, `application: {capacity: {minimum: 1}}`,
		`test.yaml:16:35: application.capacity.minimum: below 2 leaves the site down while a failed node is replaced; allowed in production is 2 or more, or accept it knowingly: accept: {single-node: "your reason"}`},
	{"production in one zone", full, ``, `filesystem: {type: oneZone, zone: eu-central-1a}`,
		`test.yaml:16:20: filesystem.type: oneZone loses every uploaded file with its zone; allowed in production is regional, or accept it knowingly: accept: {one-zone-files: "your reason"}`},
	{"production without backup", full, ``, `filesystem: {backup: false}`,
		`test.yaml:16:22: filesystem.backup: false leaves no copy of the uploaded files; allowed in production is true, or accept it knowingly: accept: {no-backup: "your reason"}`},
	{"production that says nothing of mail", full, `mail: {transport: ses, secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ses-AbCdEf", sender: moodle@example.edu}
`, ``,
		`test.yaml:1:1: mail.transport: is missing: a production site says how it sends mail; allowed are ses, smtp, and none (then nobody can reset a forgotten password)`},
	{"production that diverts its mail", full, `sender: moodle@example.edu}`, `sender: moodle@example.edu, divertTo: me@example.edu}`,
		`test.yaml:15:140: mail.divertTo: would send every user's mail to one address; allowed only where production is false`},
	{"accept without a reason", full, `network:`, `accept: {single-nat: ""}
network:
  nat: single`,
		`test.yaml:3:22: accept.single-nat: is empty; give a text, or leave the key out if it may be`},
	{"accept with a blank reason", full, `network:`, `accept: {single-nat: " "}
network:
  nat: single`,
		`test.yaml:3:22: accept.single-nat: " " is not allowed; allowed: a reason of 1 to 500 characters`},
	{"accept of something unknown", full, ``, `accept: {single-net: cheaper}`,
		`test.yaml:16:22: accept.single-net: there is no such deviation; did you mean single-nat?; allowed are no-domain, single-nat, single-node, one-zone-files, no-backup`},
	{"accept of something unknown, far from any", full, ``, `accept: {sleep: cheaper}`,
		`test.yaml:16:17: accept.sleep: there is no such deviation; allowed are no-domain, single-nat, single-node, one-zone-files, no-backup`},
	{"accept that is not needed", full, ``, `accept: {single-nat: cheaper}`,
		`test.yaml:16:22: accept.single-nat: is not needed, since the file does not deviate there; remove it, so that it can't excuse a later change`},
	{"accept outside production", small, ``, `accept: {single-nat: cheaper}`,
		`test.yaml:12:22: accept.single-nat: is not needed, since production is false; remove it, so that it can't excuse a later change`},
	{"domain in capitals", small, ``, `domain: {name: Moodle.example.edu, zone: Z0123456789ABCDEFGHIJ}`,
		`test.yaml:12:16: domain.name: Moodle.example.edu is not allowed; allowed: a full host name in lower case without https:// and without a dot at its end, e.g. moodle.example.edu`},
	{"domain as an address", small, ``, `domain: {name: "https://moodle.example.edu", zone: Z0123456789ABCDEFGHIJ}`,
		`test.yaml:12:16: domain.name: https://moodle.example.edu is not allowed; allowed: a full host name in lower case without https:// and without a dot at its end, e.g. moodle.example.edu`},
	{"domain without certificate", small, ``, `domain: {name: moodle.example.edu}`,
		`test.yaml:12:16: domain.name: moodle.example.edu has no certificate; give domain.zone (the hosted zone, a certificate is made) or domain.certificate (one that exists)`},
	{"domain with both", small, ``, `domain: {name: moodle.example.edu, zone: Z0123456789ABCDEFGHIJ, certificate: "arn:aws:acm:eu-central-1:111122223333:certificate/a-b"}`,
		`test.yaml:12:78: domain.certificate: stands beside domain.zone; give one: with the zone a certificate is made, without it this one is used`},
	{"zone without name", small, ``, `domain: {zone: Z0123456789ABCDEFGHIJ}`,
		`test.yaml:12:1: domain.name: is missing: a zone or certificate serves a name, e.g. moodle.example.edu`},
	{"zone by its name", small, ``, `domain: {name: moodle.example.edu, zone: example.edu}`,
		`test.yaml:12:42: domain.zone: example.edu is not allowed; allowed: the id of a hosted zone, e.g. Z0123456789ABCDEFGHIJ`},
	{"certificate of another region", small, ``, `domain: {name: moodle.example.edu, certificate: "arn:aws:acm:us-east-1:111122223333:certificate/a-b"}`,
		`test.yaml:12:49: domain.certificate: lies in us-east-1, the site in eu-central-1; it must be in the site's region`},
	{"certificate of another account", full, `domain: {name: moodle.example.edu, zone: Z0123456789ABCDEFGHIJ}`, `domain: {name: moodle.example.edu, certificate: "arn:aws:acm:eu-central-1:444455556666:certificate/a-b"}`,
		`test.yaml:14:49: domain.certificate: belongs to account 444455556666, the site to 111122223333; it must be of the site's account`},
	{"name too long for a certificate", small, ``, `domain: {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example.edu, zone: Z0123456789ABCDEFGHIJ}`,
		`test.yaml:12:16: domain.name: is 72 characters long; a certificate is made for names of at most 64`},
	{"SMTP without anything", small, ``, `mail: {transport: smtp}`,
		`test.yaml:12:1: mail.host: is missing: transport smtp needs it
test.yaml:12:1: mail.port: is missing: transport smtp needs it
test.yaml:12:1: mail.secret: is missing: transport smtp needs it
test.yaml:12:1: mail.sender: is missing: transport smtp needs it`},
	{"SES without anything", small, ``, `mail: {transport: ses}`,
		`test.yaml:12:1: mail.secret: is missing: transport ses needs it
test.yaml:12:1: mail.sender: is missing: transport ses needs it`},
	{"host for SES", small, ``, `mail: {transport: ses, secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ses-AbCdEf", sender: moodle@example.edu, host: smtp.example.edu}`,
		`test.yaml:12:136: mail.host: smtp.example.edu is no address of Amazon SES; remove it (then it is email-smtp.eu-central-1.amazonaws.com), or choose transport smtp`},
	{"sender without transport", small, ``, `mail: {sender: moodle@example.edu}`,
		`test.yaml:12:16: mail.sender: has no use with transport none; remove it, or choose another transport`},
	{"port 25", small, ``, `mail: {transport: smtp, host: smtp.example.edu, port: 25, sender: moodle@example.edu, secret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:smtp-AbCdEf"}`,
		`test.yaml:12:55: mail.port: 25 is blocked by AWS for outgoing mail; allowed is what the server offers to clients, 587 or 465`},
	{"secret of another region", small, ``, `mail: {transport: smtp, host: smtp.example.edu, port: 587, sender: moodle@example.edu, secret: "arn:aws:secretsmanager:us-east-1:111122223333:secret:smtp-AbCdEf"}`,
		`test.yaml:12:96: mail.secret: lies in us-east-1, the site in eu-central-1; it must be in the site's region`},
	{"a password in place of its ARN", small, ``, `mail: {transport: smtp, host: smtp.example.edu, port: 587, sender: moodle@example.edu, secret: smtp-password}`,
		`test.yaml:12:96: mail.secret: smtp-password is not allowed; allowed: the full ARN of a secret with its six last characters, e.g. arn:aws:secretsmanager:eu-central-1:111122223333:secret:moodle/smtp-AbCdEf`},
	{"no mail address", small, `administrator: moodle@example.edu`, `administrator: The Admin <moodle@example.edu>`,
		`test.yaml:11:18: moodle.administrator: The Admin <moodle@example.edu> is not allowed; allowed: one mail address, e.g. moodle@example.edu`},
}
