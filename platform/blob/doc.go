// Package blob keeps photographs, voice notes and files: each looked at before it is taken, made harmless, sealed, and
// removed when its time is over.
//
// The content decides what a thing is; the declared type is ignored. A photograph is decoded and written anew as JPEG,
// upright and at most 2048 px, so that nothing of the original bytes is kept: no place, no time, no device, no hidden
// payload. What the camera said of time and place goes into sealed columns. Copies that others see carry a line of
// time and place. Voice notes lose their tags. Files are PDF or xlsx and are only ever handed out for saving.
//
// On disk every file is sealed like a column (platform/seal) and lies under DIR/files/aa/bb/ID; it is written under
// another name, synced and renamed before its row is committed, so that a row always has its file.
//
// # Words
//
//   - photo 照片, voice 语音, file 文件: the three kinds.
//   - loose 未归档: sent, but not yet part of anything; gone after a day.
//   - ref 归属: kind and id of what it belongs to ("cases/0k3…"); who may see it is decided there.
//   - mark 水印: time and place drawn on a photograph.
//   - ticket 上传凭据: lets somebody who is not signed in send a few things.
//   - hold 留置: must not be removed, whatever its day says.
//
// # Never
//
//   - A byte of an uploaded picture handed out as it came in.
//   - A place where a photograph was taken shown to anybody but those who may see the matter's inside.
package blob
