// Package web holds the browser side: two doors (console, pocket) and the public board.
//
// `npm run build` builds the sources into dist. Without Node only a placeholder lies there, so that Go builds and vets
// all the same; platform/serve then says in plain words that the pages are not built in.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Dist gives the built files with slash-separated names: console/index.html, pocket/index.html and board/index.html
// (the doors), assets/… (hashed names that never change), p/… (manifest, icons and service worker of the pocket), keep.js (the service
// worker of /verify and /log).
func Dist() fs.FS {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the name is a constant of this file
	}
	return sub
}

// Built reports whether the doors are there.
func Built() bool {
	_, err := fs.Stat(Dist(), "board/index.html")
	return err == nil
}
