#include "apps/event_horizon/content/dialects.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace beamline::event_horizon {

namespace {

constexpr std::size_t shown_bytes_max = 40;

std::string_view trimmed(std::string_view s) {
  constexpr std::string_view space = " \t\r";
  auto first = s.find_first_not_of(space);
  return first == std::string_view::npos ? std::string_view{} : s.substr(first, s.find_last_not_of(space) - first + 1);
}

/// How many fence characters a line begins with; 0: it is no fence.
std::size_t fence_length(std::string_view line, char mark) {
  auto n = std::min(line.find_first_not_of(mark), line.size());
  return n >= 3 ? n : 0;
}

/// The words of `{% … %}`, `{{< … >}}` and `{{% … %}}` when that is all of the line; else nothing.
std::string_view shortcode_of(std::string_view line) {
  struct brackets {
    std::string_view begin;
    std::string_view end;
  };
  constexpr auto kinds = std::to_array<brackets>({{"{{<", ">}}"}, {"{{%", "%}}"}, {"{%", "%}"}});
  for (const auto& k : kinds)
    if (line.starts_with(k.begin) && line.ends_with(k.end) && line.size() > k.begin.size() + k.end.size())
      return trimmed(line.substr(k.begin.size(), line.size() - k.begin.size() - k.end.size()));
  return {};
}

class translator {
public:
  translator(int first_line, problem_list& problems) : line_{first_line - 1}, problems_{problems} {}

  std::string line(std::string_view text) {
    ++line_;
    auto bare = trimmed(text);
    if (is_in_code(bare))
      return std::string{text};
    if (auto code = shortcode_of(bare); !code.empty())
      return shortcode(text, code);
    // kramdown's attributes of the block above.
    if (bare.starts_with("{:") && bare.ends_with('}'))
      return {};
    auto out = without_site(std::string{text});
    if (auto at = out.find("{{"); at != std::string::npos && out.find("}}", at) != std::string::npos)
      report(std::string_view{out}.substr(at));
    else if (at = out.find("{%"); at != std::string::npos && out.find("%}", at) != std::string::npos)
      report(std::string_view{out}.substr(at));
    return out;
  }

private:
  /// Whether the line belongs to a fenced block, its fences included.
  bool is_in_code(std::string_view bare) {
    if (fence_ != '\0') {
      auto n = fence_length(bare, fence_);
      if (n >= fence_octets_ && bare.size() == n)
        fence_ = '\0';
      return true;
    }
    for (char mark : {'`', '~'})
      if (auto n = fence_length(bare, mark); n > 0) {
        fence_ = mark;
        fence_octets_ = n;
        return true;
      }
    return false;
  }

  std::string shortcode(std::string_view text, std::string_view code) {
    auto name = code.substr(0, std::min(code.find_first_of(" \t"), code.size()));
    if (name == "highlight") {
      auto language = trimmed(code.substr(name.size()));
      return "```" + std::string{language.substr(0, std::min(language.find_first_of(" \t\""), language.size()))};
    }
    if (name == "endhighlight" || name == "/highlight")
      return "```";
    if (name == "raw" || name == "endraw" || name == "toc")
      return {};
    report(trimmed(text));
    return std::string{text};
  }

  /// `{{ site.baseurl }}/images/x.png` is `/images/x.png` here.
  static std::string without_site(std::string text) {
    constexpr auto names = std::to_array<std::string_view>({"site.baseurl", "site.url"});
    for (auto at = text.find("{{"); at != std::string::npos; at = text.find("{{", at)) {
      auto end = text.find("}}", at);
      if (end == std::string::npos)
        break;
      auto name = trimmed(std::string_view{text}.substr(at + 2, end - at - 2));
      if (std::ranges::find(names, name) != names.end())
        text.erase(at, end + 2 - at);
      else
        at += 2;
    }
    return text;
  }

  void report(std::string_view code) {
    auto cut = truncate_utf8(code, shown_bytes_max);
    problems_.add({"", line_,
                   "\"" + std::string{cut} + (cut.size() < code.size() ? "..." : "")
                       + "\" is for another program and is shown as it stands; write it in Markdown or HTML"});
  }

  int line_;
  problem_list& problems_;
  char fence_ = '\0';  // The mark of the fence that is open.
  std::size_t fence_octets_ = 0;
};

}  // namespace

std::string to_plain_markdown(std::string_view source, int first_line, problem_list& problems) {
  auto to = translator{first_line, problems};
  auto out = std::string{};
  out.reserve(source.size());
  while (!source.empty()) {
    auto end = std::min(source.find('\n'), source.size());
    out += to.line(source.substr(0, end));
    if (end < source.size())
      out += '\n';
    source.remove_prefix(std::min(end + 1, source.size()));
  }
  return out;
}

}  // namespace beamline::event_horizon
