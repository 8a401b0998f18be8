package deploy

import (
	"context"
	"os/exec"
	"strings"
)

// Revision is the git revision of a folder, short, with a word when the folder differs from it; "" where there is no
// git.
func Revision(ctx context.Context, folder string) string {
	short, err := exec.CommandContext(ctx, "git", "-C", folder, "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return ""
	}
	revision := strings.TrimSpace(string(short))
	changed, err := exec.CommandContext(ctx, "git", "-C", folder, "status", "--porcelain", "--", ".").Output()
	if err == nil && len(changed) > 0 {
		revision += " (not committed)"
	}
	return revision
}
