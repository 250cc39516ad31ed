package store

import "cuobian/basis/scope"

// Change says that something of a kind changed at a place (or concerns one person): "cases", id, path. No content.
type Change struct {
	Kind   string
	ID     string
	Path   scope.Path
	Person string // when it concerns this person alone
}

// Changed tells the listeners of OnChange after the commit.
func (t *Tx) Changed(c Change) {
	t.After(func() {
		t.db.lmu.RLock()
		defer t.db.lmu.RUnlock()
		for _, f := range t.db.listeners {
			f(c)
		}
	})
}

// OnChange adds a listener; it must not wait.
func (d *DB) OnChange(f func(Change)) {
	d.lmu.Lock()
	defer d.lmu.Unlock()
	d.listeners = append(d.listeners, f)
}
