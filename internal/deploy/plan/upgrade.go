package plan

// UpgradeNote words for a plan what an upgrade does, and why it is one.
func UpgradeNote(what string) string {
	return what + ": a snapshot of the database is taken first; then new nodes upgrade it, and visitors see a maintenance page meanwhile"
}
