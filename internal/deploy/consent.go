package deploy

import (
	"context"
	"fmt"

	"distributed-moodle/internal/deploy/account"
	"distributed-moodle/internal/deploy/outcome"
	"distributed-moodle/internal/deploy/plan"
	"distributed-moodle/internal/manifest"
)

// Consent is what somebody agreed to before the plan was shown.
type Consent struct {
	Yes   bool   // do not ask; not enough for a production site
	Meant string // a site's name: do not ask about that one, production or not
}

// confirm asks, unless --yes was passed. A production site's name is typed: a yes is given too fast.
func (c Consent) confirm(ctx context.Context, view UpView, d *draft) error {
	p, as := d.Plan, d.caller
	site := p.Manifest.Site
	if c.Meant == site {
		return nil
	}
	if d.production() {
		typed, err := view.Type(
			ctx,
			where(p, as)+"\nThis is a production site. To deploy these changes, type its name ("+site+"):",
			site,
			"--yes-i-mean "+site,
		)
		if err == nil && !typed {
			err = outcome.Errorf(outcome.Refused, "not deployed: the name was not typed")
		}
		return err
	}
	if c.Yes {
		return nil
	}
	if err := view.CanAsk("--yes"); err != nil {
		return err
	}
	question := "Deploy these changes to " + site + "?"
	if p.Create {
		question = "Create " + site + "?"
	}
	yes, err := view.Confirm(ctx, where(p, as)+"\n"+question)
	if err == nil && !yes {
		err = outcome.Errorf(outcome.Refused, "not deployed: the plan was not confirmed")
	}
	return err
}

// where repeats for a question what the head of a long plan said: which account and region, and what was accepted.
func where(p *plan.Plan, as account.Caller) string {
	text := fmt.Sprintf("%s in account %s, %s", p.Manifest.Site, p.Account, p.Manifest.Region)
	if as.Endpoint != "" {
		text += ", at " + as.Endpoint + " (not AWS)"
	}
	for _, f := range p.Findings {
		if _, accepted := p.Reason(f); accepted {
			text += "\naccepted: " + f.Key()
		}
	}
	return text
}

// checkSiteName refuses when the site that somebody means is another one.
func (c Consent) checkSiteName(m *manifest.Manifest) error {
	if c.Meant == "" || c.Meant == m.Site {
		return nil
	}
	return outcome.Errorf(outcome.Refused, "--yes-i-mean %s, but this is %s", c.Meant, m.Site).
		Advise("check the site name")
}
