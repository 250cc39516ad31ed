package app

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Program is what commands need of the program around them.
type Program struct {
	Version string
	Out     io.Writer
	Err     io.Writer
	In      io.Reader
}

// CLI is every command with its flags. Each flag can also stand in the environment (CUOBIAN_PUBLIC_URL) or in a settings
// file (`public-url = …`).
type CLI struct {
	Config string `help:"Settings file: lines of name = value, names as the long flags. The command line comes first, then the environment, then the file." placeholder:"FILE" type:"path"`

	Demo    DemoCmd    `cmd:"" help:"Serve three demo streets to look around in. 看演示：三个街道的示例数据。"`
	Serve   ServeCmd   `cmd:"" help:"Serve the house. 正式运行。"`
	Import  ImportCmd  `cmd:"" help:"Take in a street's workbook of compounds, homes, owners or committees. 导入街道台账。"`
	Export  ExportCmd  `cmd:"" help:"Write the roster to a workbook. 导出台账。"`
	Backup  BackupCmd  `cmd:"" help:"Write records and files to one archive, also while serving. 备份（运行中亦可）。"`
	Restore RestoreCmd `cmd:"" help:"Bring an archive back into an empty place. 恢复到空白目录或数据库。"`
	User    UserCmd    `cmd:"" help:"Make the first accounts; reset, lock and list accounts. 账号管理。"`
	Keys    KeysCmd    `cmd:"" help:"Turn the encryption key and seal old fields again. 更换加密密钥。"`
	Tally   TallyCmd   `cmd:"" help:"Decide written cases of owners' votes and show how. 按法定规则计票并列出推导。"`
	Witness WitnessCmd `cmd:"" help:"Watch the public log of a house from another machine, and sign what was seen. 见证公开日志。"`
	Verify  VerifyCmd  `cmd:"" help:"Check the exported file of a vote, or a receipt, without the house. 离线核对表决文件和回执。"`
	Trail   TrailCmd   `cmd:"" help:"Check an exported audit trail, without the house. 核对导出的留痕。"`
	Doctor  DoctorCmd  `cmd:"" help:"Look whether everything is in order. 自检。"`
	Openapi OpenapiCmd `cmd:"" help:"Print the OpenAPI document of all operations. 接口文档。"`
	Version VersionCmd `cmd:"" help:"Print the version. 版本。"`
}

// Parser makes the command line's parser with settings from the environment and the settings file.
func Parser(cli *CLI, args []string, env func(string) string) (*kong.Kong, error) {
	file, err := Settings(args, env)
	if err != nil {
		return nil, err
	}
	return kong.New(cli,
		kong.Name("cuobian"),
		kong.Description("Cuobian 厝边: the system of a street and its residential compounds.\nStart with `cuobian demo`; then open http://127.0.0.1:8080.\n先运行 cuobian demo，再打开 http://127.0.0.1:8080。"),
		kong.DefaultEnvars(strings.TrimSuffix(EnvPrefix, "_")),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.UsageOnError(),
		file,
	)
}

// VersionCmd prints the version.
type VersionCmd struct{}

// Run prints it.
func (VersionCmd) Run(p Program) error {
	_, err := fmt.Fprintln(p.Out, "cuobian", p.Version)
	return err
}
