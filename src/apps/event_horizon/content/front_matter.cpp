#include "apps/event_horizon/content/front_matter.hpp"

#include "apps/event_horizon/content/front_value.hpp"
#include "base/config/suggest.hpp"
#include "base/json.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <utility>

namespace beamline::event_horizon {

namespace {

using kind = front_value::kind;

constexpr std::size_t shown_bytes_max = 60;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string_view trimmed(std::string_view s) {
  constexpr std::string_view space = " \t\r\n";
  auto first = s.find_first_not_of(space);
  return first == std::string_view::npos ? std::string_view{} : s.substr(first, s.find_last_not_of(space) - first + 1);
}

std::string shown(std::string_view value) {
  auto cut = truncate_utf8(value, shown_bytes_max);
  return json_string(cut) + (cut.size() < value.size() ? "..." : "");
}

/// The words of a text with commas between them, or of a list.
std::vector<std::string> words_of(const front_value& v) {
  auto out = std::vector<std::string>{};
  auto add = [&](std::string_view word) {
    if (word = trimmed(word); !word.empty())
      out.emplace_back(word);
  };
  if (v.what == kind::list) {
    for (const auto& item : v.items)
      if (item.is_scalar())
        add(item.text);
    return out;
  }
  for (auto rest = std::string_view{v.text}; !rest.empty();) {
    auto comma = std::min(rest.find(','), rest.size());
    add(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return out;
}

/// Reads one value into `out`; says what is wrong with it, or nothing.
using value_reader = std::function<std::string(front_matter&, const front_value&)>;

std::string read_text(std::string& out, const front_value& v, std::size_t bytes_max) {
  if (!v.is_scalar())
    return "is a list; write one text";
  // Texts over several lines are one line on the page.
  auto flat = std::string{trimmed(v.text)};
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  auto cut = truncate_utf8(flat, bytes_max);
  out = cut;
  return cut.size() == flat.size()
           ? ""
           : "has " + std::to_string(flat.size()) + " octets; shorten it to at most " + std::to_string(bytes_max);
}

std::string read_date(std::optional<post_date>& out, const front_value& v) {
  if (v.what == kind::nothing)
    return {};
  auto read = v.is_scalar() ? parse_date(v.text) : std::nullopt;
  if (!read)
    return "is " + shown(v.text) + ", expected a day such as 2024-05-01, or a moment such as 2024-05-01T10:20:30+02:00";
  if (!out)
    out = read;
  return {};
}

std::string read_tags(front_matter& out, const front_value& v) {
  if (v.what == kind::table)
    return "is a table; write a list of words";
  auto wrong = std::string{};
  for (const auto& word : words_of(v)) {
    auto tag = std::string{truncate_utf8(word, tag_bytes_max)};
    if (tag.size() < word.size())
      wrong = "has " + shown(word) + ", which is longer than " + std::to_string(tag_bytes_max) + " octets";
    if (std::find(out.tags.begin(), out.tags.end(), tag) != out.tags.end())
      continue;
    if (out.tags.size() == tags_max)
      return "has more than " + std::to_string(tags_max)
           + " words together with other keys; keep those readers look for";
    out.tags.push_back(std::move(tag));
  }
  return wrong;
}

std::string read_flag(bool& out, const front_value& v, bool is_when) {
  if (v.what == kind::nothing)
    return {};
  if (v.text != "true" && v.text != "false")
    return "is " + shown(v.text) + ", expected true or false";
  out = out || (v.text == "true") == is_when;
  return {};
}

/// The last part of an address: `/2024/05/hello.html` gives `hello`.
std::string read_address(front_matter& out, const front_value& v) {
  auto path = trimmed(v.text);
  path = path.substr(0, path.find_first_of("?#"));
  while (path.ends_with('/'))
    path.remove_suffix(1);
  path.remove_prefix(std::min(path.size(), path.rfind('/') + 1));
  if (path.ends_with(".html"))
    path.remove_suffix(5);
  if (path.find(':') != std::string_view::npos)
    return {};  // A pattern such as /:year/:title/, which the name of the file answers.
  if (out.slug.empty())
    out.slug = path;
  return {};
}

/// A picture is an address, the first of a list, or a table with one.
std::string read_image(front_matter& out, const front_value& v) {
  if (v.what == kind::table) {
    for (const auto& f : v.fields)
      if (f.key == "src" || f.key == "path" || f.key == "url" || f.key == "image" || f.key == "feature"
          || f.key == "teaser")
        return read_image(out, f.value);
    return {};
  }
  if (v.what == kind::list)
    return v.items.empty() ? std::string{} : read_image(out, v.items.front());
  if (out.image.empty())
    out.image = trimmed(v.text);
  return {};
}

std::string read_status(front_matter& out, const front_value& v) {
  out.is_draft = out.is_draft || v.text == "draft";
  return {};
}

const std::map<std::string, value_reader, std::less<>>& readers() {
  static const auto all = [] {
    auto out = std::map<std::string, value_reader, std::less<>>{};
    auto under = [&](std::initializer_list<const char*> keys, const value_reader& read) {
      for (const auto* key : keys)
        out.emplace(key, read);
    };
    under({"title"}, [](front_matter& f, const front_value& v) { return read_text(f.title, v, title_bytes_max); });
    under({"description", "summary", "excerpt", "custom_excerpt", "meta_description"},
          [](front_matter& f, const front_value& v) {
            return f.summary.empty() ? read_text(f.summary, v, summary_bytes_max) : std::string{};
          });
    under({"date", "published_at", "publishdate", "pubdate"},
          [](front_matter& f, const front_value& v) { return read_date(f.date, v); });
    under({"lastmod", "updated", "updated_at", "last_modified_at", "modified"},
          [](front_matter& f, const front_value& v) { return read_date(f.updated, v); });
    under({"tags", "tag", "categories", "category"}, read_tags);
    under({"draft"}, [](front_matter& f, const front_value& v) { return read_flag(f.is_draft, v, true); });
    under({"published"}, [](front_matter& f, const front_value& v) { return read_flag(f.is_draft, v, false); });
    under({"status"}, read_status);
    under({"slug", "permalink", "url"}, read_address);
    under({"image", "images", "cover", "feature_image", "featured_image", "featuredimage", "thumbnail", "banner"},
          read_image);
    return out;
  }();
  return all;
}

/// Said to other programs, or of no use here.
bool is_passed_over(std::string_view key) {
  static const std::set<std::string_view> known = {
      "aliases",  "author",        "authors",    "canonical", "comments",   "css",      "disqus",
      "featured", "github",        "guid",       "header",    "hidden",     "id",       "keywords",
      "lang",     "language",      "layout",     "linktitle", "markup",     "math",     "mathjax",
      "menu",     "mermaid",       "meta_title", "og_image",  "outputs",    "params",   "pin",
      "post_id",  "redirect_from", "series",     "share",     "sidebar",    "subtitle", "template",
      "toc",      "twitter",       "type",       "uuid",      "visibility", "weight"};
  return known.contains(key);
}

std::string lower(std::string_view text) {
  auto out = std::string{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string unknown_key(std::string_view key) {
  auto known = std::vector<std::string>{};
  for (const auto& [name, reader] : readers())
    known.push_back(name);
  auto meant = config::closest(key, known);
  return "nothing here knows " + shown(key)
       + (meant.empty() ? "; remove it, or let it stand: the post is shown without" : "; did you mean " + meant + "?");
}

void read_fields(front_matter& out, const std::vector<front_field>& fields, int first_line, problem_list& problems) {
  auto seen = std::map<std::string, int, std::less<>>{};
  for (const auto& f : fields) {
    auto line = first_line + f.line - 1;
    auto tell = [&](std::string text) { problems.add({"", line, std::move(text)}); };
    auto key = lower(f.key);
    if (auto [first, is_new] = seen.emplace(key, line); !is_new) {
      tell(key + " was given on line " + std::to_string(first->second) + " already; remove one");
      continue;
    }
    auto reader = readers().find(key);
    if (reader == readers().end()) {
      if (!is_passed_over(key))
        tell(unknown_key(f.key));
    } else if (auto wrong = reader->second(out, f.value); !wrong.empty()) {
      tell(key + " " + wrong);
    }
  }
}

/// Hands out a text line by line.
class line_reader {
public:
  explicit line_reader(std::string_view text) : text_{text} {}

  [[nodiscard]] bool done() const { return at_ == text_.size(); }
  [[nodiscard]] int number() const { return number_; }  // Of the line taken last.
  [[nodiscard]] std::size_t at() const { return at_; }  // Where the next line begins.

  std::string_view take() {
    auto end = std::min(text_.find('\n', at_), text_.size());
    auto line = text_.substr(at_, end - at_);
    at_ = std::min(end + 1, text_.size());
    ++number_;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
      line.remove_suffix(1);
    return line;
  }

private:
  std::string_view text_;
  std::size_t at_ = 0;
  int number_ = 0;
};

}  // namespace

std::optional<parsed_post> parse_front_matter(std::string_view text, problem_list& problems) {
  auto refuse = [&](int line, std::string why) {
    problems.add({"", line, std::move(why), true});
    return std::nullopt;
  };
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  auto lines = line_reader{text};
  auto fence = lines.take();
  bool is_yaml = fence == "---";
  if (!is_yaml && fence != "+++")
    return refuse(1, "does not begin with a line --- (YAML) or +++ (TOML); put title and date between two of them");
  auto begin = lines.at();
  auto end = begin;
  for (auto is_open = true; is_open;) {
    if (lines.done())
      return refuse(1, "the front matter has no end; put a line " + std::string{fence} + " after its last key");
    end = lines.at();
    auto line = lines.take();
    is_open = line != fence && !(is_yaml && line == "...");
  }
  auto block = text.substr(begin, end - begin);
  if (block.size() > front_bytes_max)
    return refuse(1, "the front matter has " + std::to_string(block.size()) + " octets; shorten it to at most "
                         + std::to_string(front_bytes_max));
  auto read = is_yaml ? read_yaml(block) : read_toml(block);
  if (read.failed)
    return refuse(std::max(1, read.failed->line) + 1, "the front matter " + read.failed->text);
  auto out = parsed_post{};
  read_fields(out.front, read.fields, 2, problems);
  out.body = text.substr(lines.at());
  out.body_line = lines.number() + 1;
  return out;
}

}  // namespace beamline::event_horizon
