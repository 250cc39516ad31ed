// Package outreach tells people: messages inside the program, and an outbox of letters through channels that the
// operator configured (text message, mail, WeChat), or a local sink where none is.
//
// A room tells inside its own write with Tell; the letters go out afterwards, outside quiet hours, retried until they
// are delivered or given up, and every try is kept.
//
// # Words
//
//   - message 站内信: what somebody reads inside the program.
//   - letter 外发消息: one try to reach somebody by a channel outside; delivery 送达记录.
//   - template 模板: the words of a message in both languages, with {names} to fill in; a street may word its own.
//   - quiet hours 免打扰时段: when only urgent letters go out.
//   - choice 接收设置: a resident may refuse a channel for all but legal notices.
//
// # Never
//
//   - Automatic posting into residents' chat groups.
//   - A telephone number in the clear in a table or a log.
//   - An address outside that the operator did not configure.
package outreach
