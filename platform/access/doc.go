// Package access says who stands at the door and what they may do: accounts, sign-in, sessions, and the two axes of
// every decision — what the post may do, and where.
//
// # Words
//
//   - account 账号: a name to sign in with and its secrets; the person behind it is an opaque id from people.
//   - post 岗位: a kind of post, such as grid worker; a term in people says who holds it, where and when.
//   - grant 授权: one post at one place on a day.
//   - action 操作: what a post may do; declared by the room that does it.
//
// # Never
//
//   - A check in the HTTP handler alone: rooms check in their own methods, so that jobs and the command line pass the
//     same door.
//   - A password, code or session token kept in the clear.
package access
