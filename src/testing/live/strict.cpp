#include "testing/live/client_model.hpp"
#include "testing/live/dom.hpp"
#include "testing/live/html_facts.hpp"

#include <algorithm>
#include <cctype>

namespace beamline::testing {

namespace {

/// An element as the text says it, taken at its word.
struct said_element {
  std::string name;
  std::size_t at = 0;
  std::vector<said_element> children;
};

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == ':';
}
bool is_white(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

class strict_reader {
public:
  explicit strict_reader(std::string_view html) : html_{html} {}

  std::vector<said_element> read() {
    open_.push_back({});
    while (at_ < html_.size()) {
      if (html_[at_] != '<') {
        at_ = std::min(html_.find('<', at_), html_.size());
      } else if (html_.substr(at_).starts_with("<!--")) {
        skip_past("-->", "a comment that does not end");
      } else if (html_.substr(at_).starts_with("<!")) {
        skip_past(">", "a declaration that does not end");
      } else if (html_.substr(at_).starts_with("</")) {
        read_end_tag();
      } else {
        read_start_tag();
      }
    }
    if (open_.size() > 1)
      stuck("<" + open_.back().name + "> is never closed", open_.back().at);
    return std::move(open_[0].children);
  }

  [[noreturn]] void stuck(const std::string& why, std::size_t at) const {
    constexpr auto around = std::size_t{60};
    const auto from = at < around ? 0 : at - around;
    throw page_stuck{why + " at octet " + std::to_string(at) + ": ..." + std::string{html_.substr(from, 2 * around)}
                     + "..."};
  }

private:
  void skip_past(std::string_view end, const std::string& why) {
    const auto found = html_.find(end, at_);
    if (found == std::string_view::npos)
      stuck(why, at_);
    at_ = found + end.size();
  }

  std::string read_name(std::size_t from) {
    auto end = from;
    while (end < html_.size() && is_name_char(html_[end]))
      ++end;
    auto name = std::string{html_.substr(from, end - from)};
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    at_ = end;
    return name;
  }

  void close() {
    auto done = std::move(open_.back());
    open_.pop_back();
    open_.back().children.push_back(std::move(done));
  }

  void read_end_tag() {
    const auto start = at_;
    const auto name = read_name(at_ + 2);
    skip_past(">", "an end tag that does not end");
    if (open_.size() == 1)
      stuck("</" + name + "> closes nothing", start);
    if (open_.back().name != name)
      stuck("</" + name + "> stands where </" + open_.back().name + "> is expected", start);
    close();
  }

  void read_start_tag() {
    const auto start = at_;
    if (start + 1 >= html_.size() || std::isalpha(static_cast<unsigned char>(html_[start + 1])) == 0)
      stuck("a < that begins no tag; it should be &lt;", start);
    auto element = said_element{read_name(start + 1), start, {}};
    const auto is_self_closed = read_attributes(element.name, start);
    const auto name = element.name;
    open_.push_back(std::move(element));
    if (is_void_element(name))
      return close();
    if (is_self_closed) {
      if (!is_foreign())
        stuck("<" + name + "/> is an open tag to browsers; write <" + name + "></" + name + ">", start);
      return close();
    }
    if (is_raw_text_element(name) || is_text_element(name)) {
      const auto end = html_.find("</" + name, at_);
      if (end == std::string_view::npos)
        stuck("<" + name + "> is never closed", start);
      at_ = end;
    }
  }

  [[nodiscard]] bool is_foreign() const {
    return std::ranges::any_of(open_, [](const auto& e) { return e.name == "svg" || e.name == "math"; });
  }

  /// Returns whether the tag ends with `/>`.
  bool read_attributes(const std::string& element, std::size_t start) {
    auto names = std::vector<std::string>{};
    for (;;) {
      while (at_ < html_.size() && is_white(html_[at_]))
        ++at_;
      if (at_ >= html_.size())
        stuck("the tag <" + element + " does not end", start);
      if (html_[at_] == '>') {
        ++at_;
        return false;
      }
      if (html_.substr(at_).starts_with("/>")) {
        at_ += 2;
        return true;
      }
      names.push_back(read_attribute(element));
      if (std::ranges::count(names, names.back()) > 1)
        stuck("<" + element + "> has the attribute " + names.back() + " twice", start);
    }
  }

  std::string read_attribute(const std::string& element) {
    const auto start = at_;
    while (at_ < html_.size() && !is_white(html_[at_]) && html_[at_] != '=' && html_[at_] != '>' && html_[at_] != '/') {
      if (html_[at_] == '"' || html_[at_] == '\'' || html_[at_] == '<')
        stuck("a quote or < in the name of an attribute of <" + element + ">", at_);
      ++at_;
    }
    auto name = std::string{html_.substr(start, at_ - start)};
    if (name.empty())
      stuck("an attribute of <" + element + "> without a name", start);
    if (at_ >= html_.size() || html_[at_] != '=')
      return name;
    ++at_;
    if (at_ >= html_.size() || (html_[at_] != '"' && html_[at_] != '\'')) {
      while (at_ < html_.size() && !is_white(html_[at_]) && html_[at_] != '>')
        ++at_;
      return name;
    }
    const auto end = html_.find(html_[at_], at_ + 1);
    if (end == std::string_view::npos)
      stuck("the value of " + name + " in <" + element + "> does not end", start);
    at_ = end + 1;
    return name;
  }

  std::string_view html_;
  std::size_t at_ = 0;
  std::vector<said_element> open_;
};

/// The elements inside, where those that browsers add by themselves count as not there.
std::vector<const dom_node*> elements_in(const dom_node& n, const std::vector<said_element>& said) {
  auto out = std::vector<const dom_node*>{};
  for (const auto* child : n.child_elements()) {
    const auto at = out.size();
    const auto is_implied = (child->name() == "tbody" || child->name() == "colgroup")
                         && (at >= said.size() || said[at].name != child->name());
    if (!is_implied)
      out.push_back(child);
    else
      for (const auto* inner : child->child_elements())
        out.push_back(inner);
  }
  return out;
}

void compare(const strict_reader& reader, const std::vector<said_element>& said, const dom_node& shown,
             std::size_t parent_at) {
  const auto elements = elements_in(shown, said);
  for (std::size_t i = 0; i < said.size(); ++i) {
    if (i >= elements.size() || elements[i]->name() != said[i].name)
      reader.stuck("<" + said[i].name + "> may not stand here: browsers move it, or close what is around it",
                   said[i].at);
    compare(reader, said[i].children, *elements[i], said[i].at);
  }
  if (elements.size() > said.size())
    reader.stuck("a browser puts <" + std::string{elements[said.size()]->name()} + "> here by itself", parent_at);
}

}  // namespace

void check_strict(std::string_view html, std::string_view container) {
  auto reader = strict_reader{html};
  const auto said = reader.read();
  compare(reader, said, *parse_fragment(html, container), 0);
}

}  // namespace beamline::testing
