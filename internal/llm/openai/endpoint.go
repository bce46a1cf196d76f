package openai

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	api "github.com/sashabaranov/go-openai"
)

const (
	defaultBaseURL = "https://api.openai.com/v1"
	// defaultAzureVersion is the first stable version that knows stream_options.
	defaultAzureVersion = "2024-10-21"
)

// endpoint turns the settings into go-openai's.
func endpoint(options Options) (api.ClientConfig, error) {
	if options.BaseURL == "" {
		options.BaseURL = defaultBaseURL
	}
	base, err := url.Parse(strings.TrimSpace(options.BaseURL))
	if err != nil {
		return api.ClientConfig{}, errors.New("openai: the base URL cannot be read") // the error would repeat it, and what stands in it
	}
	switch {
	case base.Scheme != "http" && base.Scheme != "https":
		return api.ClientConfig{}, errors.New("openai: the base URL must begin with http:// or https://")
	case base.Host == "":
		return api.ClientConfig{}, errors.New("openai: the base URL names no host")
	case base.User != nil:
		return api.ClientConfig{}, errors.New("openai: the base URL must not hold a name or password")
	}
	path := strings.TrimRight(base.Path, "/")
	path = strings.TrimSuffix(path, "/chat/completions")
	version := base.Query().Get("api-version")
	base.RawQuery, base.Fragment, base.RawPath = "", "", ""
	if azureHost(base.Hostname()) && !strings.HasSuffix(path, "/v1") {
		return azure(options, base, path, version), nil
	}
	if path == "" {
		path = "/v1"
	}
	base.Path = path
	config := api.DefaultConfig(options.APIKey)
	config.BaseURL = base.String()
	return config, nil
}

// azureHost says whether a host speaks Azure's dialect: deployments in the path,
// a version in the query, the key in a header of its own.
func azureHost(host string) bool {
	host = strings.ToLower(host)
	return strings.HasSuffix(host, ".openai.azure.com") || strings.HasSuffix(host, ".openai.azure.us") || strings.HasSuffix(host, ".cognitiveservices.azure.com")
}

func azure(options Options, base *url.URL, path, version string) api.ClientConfig {
	deployment := options.Model
	if _, rest, ok := strings.Cut(path, "/deployments/"); ok && !options.ownDeployment {
		deployment, _, _ = strings.Cut(rest, "/")
	}
	base.Path = ""
	config := api.DefaultAzureConfig(options.APIKey, base.String())
	config.APIVersion = firstOf(options.APIVersion, version, defaultAzureVersion)
	config.AzureModelMapperFunc = func(string) string { return url.PathEscape(deployment) }
	return config
}

func firstOf(values ...string) string {
	for _, value := range values {
		if value != "" {
			return value
		}
	}
	return ""
}

// String describes the settings without the key.
func (o Options) String() string {
	return fmt.Sprintf("openai model %q", o.Model)
}
