package app

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Place says where the records are; every command takes it.
type Place struct {
	Data     string `help:"Folder of the embedded database and files. Default: ./cuobian-data." default:"./cuobian-data" placeholder:"DIR" type:"path"`
	Database string `help:"PostgreSQL instead of the embedded database (postgres://…)." placeholder:"URL"`
	Keys     string `help:"Folder of the encryption keys; kept apart from the data in backups. Default: DATA/keys." placeholder:"DIR" type:"path"`
}

// KeyDir is the folder of the keys.
func (p Place) KeyDir() string {
	if p.Keys != "" {
		return p.Keys
	}
	return p.Data + "/keys"
}

// Network is how the house is reached, and whom it may call.
type Network struct {
	Addr         string   `help:"Where to listen. Default: 127.0.0.1:8080." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	TLSCert      string   `help:"Certificate file; with --tls-key the house serves HTTPS itself." type:"path" placeholder:"FILE"`
	TLSKey       string   `help:"Key file of the certificate." type:"path" placeholder:"FILE"`
	PublicURL    string   `help:"Address under which people reach the house, such as https://xiaoqu.example." placeholder:"URL"`
	TrustedProxy []string `help:"Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8." placeholder:"CIDR"`
	LogLevel     string   `help:"debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
	Metrics      string   `help:"Where to serve Prometheus metrics; empty is nowhere." default:"" placeholder:"HOST:PORT"`
	OTLP         string   `help:"OpenTelemetry collector for traces (http://host:4318); empty is none." default:"" placeholder:"URL"`
}

// Trust is who may come in and how.
type Trust struct {
	SecondFactor string `help:"Whether staff need a second factor (TOTP or passkey)." default:"required" enum:"required,optional"`
}

// Outside is the addresses that the operator allows the house to call; there are no others.
type Outside struct {
	SMSURL      string `name:"sms-url" help:"Gateway for text messages (receives JSON); empty keeps them in the local sink." placeholder:"URL"`
	SMSToken    string `help:"Bearer token of that gateway." placeholder:"TOKEN"`
	WechatURL   string `help:"Adapter for WeChat template messages (receives JSON); empty keeps them in the local sink." placeholder:"URL"`
	WechatToken string `help:"Bearer token of that adapter." placeholder:"TOKEN"`
	SMTP        string `help:"Mail server; empty sends no mail." placeholder:"HOST:PORT"`
	SMTPFrom    string `help:"Sender of mail." placeholder:"ADDRESS"`
	SMTPUser    string `help:"User at the mail server." placeholder:"NAME"`
	SMTPPass    string `help:"Password at the mail server." placeholder:"PASSWORD"`
}

// Paying is by which providers owners may pay online.
type Paying struct {
	PayLocal bool `help:"Offer the demonstration's payment provider, by which no money moves; the demo does. 演示用支付渠道，不发生真实扣款。"`
}

// Config is all settings of a serving house.
type Config struct {
	Place
	Network
	Trust
	Outside
	Paying
}

// ReadSettings reads a settings file for kong: lines `name = value`, names as the long flags, `#` begins a comment.
func ReadSettings(r io.Reader) (kong.Resolver, error) {
	values := map[string]string{}
	sc := bufio.NewScanner(r)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || name == "" {
			return nil, fmt.Errorf("settings line %d: want `name = value`", n)
		}
		if _, twice := values[name]; twice {
			return nil, fmt.Errorf("settings line %d: %s stands twice", n, name)
		}
		values[name] = value
	}
	return settings(values), sc.Err()
}

type settings map[string]string

// Validate refuses names that no command knows, so that a spelling mistake does not pass as a default.
func (s settings) Validate(app *kong.Application) error {
	known := Flags(app)
	for name := range s {
		if !slices.Contains(known, name) {
			return fmt.Errorf("settings: unknown name %q", name)
		}
	}
	return nil
}

// Resolve gives a flag its value from the file, unless the environment names it: the command line comes first, then the
// environment, then the file.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, e := range flag.Envs {
		if os.Getenv(e) != "" {
			return nil, nil
		}
	}
	if v, ok := s[flag.Name]; ok {
		return v, nil
	}
	return nil, nil
}

// Flags lists every long flag of every command.
func Flags(app *kong.Application) []string {
	var out []string
	kong.Visit(app, func(node kong.Visitable, next kong.Next) error {
		if f, ok := node.(*kong.Flag); ok && f.Name != "help" && !slices.Contains(out, f.Name) {
			out = append(out, f.Name)
		}
		return next(nil)
	})
	slices.Sort(out)
	return out
}

// EnvPrefix begins the names of settings in the environment: CUOBIAN_PUBLIC_URL for --public-url.
const EnvPrefix = "CUOBIAN_"

// CheckEnv refuses names in the environment that no command knows; names of tests are left alone.
func CheckEnv(app *kong.Application, environ []string) error {
	known := Flags(app)
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, EnvPrefix) || strings.HasPrefix(name, EnvPrefix+"TEST_") {
			continue
		}
		flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, EnvPrefix), "_", "-"))
		if !slices.Contains(known, flag) {
			return fmt.Errorf("environment: unknown name %s", name)
		}
	}
	return nil
}

// settingsFile opens a settings file; a missing one that was named is an error.
func settingsFile(name string) (kong.Resolver, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadSettings(f)
}

// Settings makes the option that reads a settings file when the command line or CUOBIAN_CONFIG names one.
func Settings(args []string, env func(string) string) (kong.Option, error) {
	name := env(EnvPrefix + "CONFIG")
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--config="); ok {
			name = v
		} else if a == "--config" && i+1 < len(args) {
			name = args[i+1]
		}
	}
	if name == "" {
		return kong.OptionFunc(func(*kong.Kong) error { return nil }), nil
	}
	r, err := settingsFile(name)
	if err != nil {
		return nil, err
	}
	return kong.Resolvers(r), nil
}
