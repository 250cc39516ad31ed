// Package serve is the door to the network: typed operations and their OpenAPI document, faults as problem answers,
// cross-origin protection, strict headers, live events, the files of the browser side, health and metrics.
//
// Rooms touch it only from their *_http.go files: they hand over operations with Op. Raw handlers (uploads, pictures,
// Open311) go through Raw.
//
// # Words
//
//   - operation 接口: a verb on a noun with typed input and output.
//   - fault 错误: see basis/fault; Status is the one table from kinds to HTTP.
//   - event 实时消息: "something of this kind changed at this place", without content; the browser then asks again.
//
// # Never
//
//   - An answer that repeats what was sent.
//   - An address outside that the operator did not configure.
package serve
