#include "apps/event_horizon/content/html_filter.hpp"

#include "apps/event_horizon/content/html_rules.hpp"
#include "base/html.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace beamline::event_horizon {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_name_char(char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':'; }

std::string lower(std::string_view text) {
  auto out = std::string{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

// Shown for a number that is no character, as browsers do.
constexpr std::uint32_t replacement_character = 0xFFFD;

struct named_character {
  std::string_view name;
  std::string_view text;
};
// Others stay as they are written and are escaped with everything else: the browser reads what was checked.
constexpr auto named = std::to_array<named_character>(
    {{"amp;", "&"}, {"apos;", "'"}, {"gt;", ">"}, {"lt;", "<"}, {"nbsp;", "\xc2\xa0"}, {"quot;", "\""}});

std::string without_entities(std::string_view text) {
  auto out = std::string{};
  while (!text.empty()) {
    auto mark = std::min(text.find('&'), text.size());
    out += text.substr(0, mark);
    text.remove_prefix(mark);
    if (text.empty())
      break;
    text.remove_prefix(1);
    const auto* known =
        std::find_if(named.begin(), named.end(), [&](const auto& each) { return text.starts_with(each.name); });
    if (known != named.end()) {
      out += known->text;
      text.remove_prefix(known->name.size());
      continue;
    }
    bool is_number = text.starts_with('#');
    bool is_hex = is_number && text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
    auto digits = text.substr(is_hex ? 2 : is_number ? 1 : 0);
    auto value = std::uint32_t{0};
    auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, is_hex ? 16 : 10);
    if (!is_number || read.ptr == digits.data()) {
      out += '&';
      continue;
    }
    const auto is_one = read.ec == std::errc{} && value != 0 && value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    append_utf8(out, is_one ? value : replacement_character);
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (text.starts_with(';'))
      text.remove_prefix(1);
  }
  return out;
}

/// Text between tags: its entities stay, what would begin a tag does not.
void append_raw_text(std::string& out, std::string_view text) {
  for (char c : text) {
    if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '\0')
      out += "\xef\xbf\xbd";
    else
      out += c;
  }
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

constexpr std::string_view against_the_rules =
    "posts may have no scripts, styles, forms, embedded pages or event handlers";

const std::string* find(const std::vector<html_attribute>& attributes, std::string_view name) {
  auto found = std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.name == name; });
  return found == attributes.end() ? nullptr : &found->value;
}

}  // namespace

// -- reading -----------------------------------------------------------------------------------

html_filter::tag html_filter::read_tag(std::string_view html) {
  html = html.substr(0, tag_bytes_max);
  auto out = tag{};
  auto at = std::size_t{1};
  auto here = [&] { return at < html.size() ? html[at] : '\0'; };
  auto skip_space = [&] {
    while (at < html.size() && is_space(html[at]))
      ++at;
  };
  if (here() == '/') {
    out.is_end = true;
    ++at;
  }
  auto begin = at;
  while (at < html.size() && is_name_char(html[at]))
    ++at;
  if (begin == at || !is_letter(html[begin]))
    return {};
  out.name = lower(html.substr(begin, at - begin));
  for (skip_space(); at < html.size() && html[at] != '>'; skip_space()) {
    begin = at;
    while (at < html.size() && !is_space(html[at]) && html[at] != '=' && html[at] != '>' && html[at] != '/')
      ++at;
    if (begin == at) {
      out.is_self_closed = html[at] == '/';
      ++at;  // A slash, or an equals sign that nothing stands before.
      continue;
    }
    out.is_self_closed = false;
    auto a = html_attribute{lower(html.substr(begin, at - begin)), {}};
    skip_space();
    if (here() == '=') {
      ++at;
      skip_space();
      char quote = here();
      if (quote == '"' || quote == '\'') {
        begin = ++at;
        auto end = html.find(quote, at);
        if (end == std::string_view::npos)
          return {};
        a.value = without_entities(html.substr(begin, end - begin));
        at = end + 1;
      } else {
        begin = at;
        while (at < html.size() && !is_space(html[at]) && html[at] != '>')
          ++at;
        a.value = without_entities(html.substr(begin, at - begin));
      }
    }
    // Of two with one name the browser takes the first.
    if (out.attributes.size() < tag_attributes_max && find(out.attributes, a.name) == nullptr)
      out.attributes.push_back(std::move(a));
  }
  if (at >= html.size())
    return {};
  out.octets = at + 1;
  return out;
}

/// How long the comment, doctype or instruction is that begins here; 0: none does.
std::size_t html_filter::skip_declaration(std::string_view html) const {
  auto until = [&](std::string_view end, std::size_t from) {
    auto found = html.find(end, from);
    return found == std::string_view::npos ? html.size() : found + end.size();
  };
  if (html.starts_with("<!--"))
    return until("-->", 2);
  if (html.starts_with("<![CDATA["))
    return until("]]>", 9);
  if (html.starts_with("<!") || html.starts_with("<?"))
    return until(">", 2);
  return 0;
}

void html_filter::feed(std::string_view html, std::string& out) {
  while (!html.empty()) {
    auto text = std::min(html.find('<'), html.size());
    if (!is_dropping())
      append_raw_text(out, html.substr(0, text));
    html.remove_prefix(text);
    if (html.empty())
      return;
    if (auto n = skip_declaration(html); n > 0) {
      html.remove_prefix(n);
      continue;
    }
    auto found = read_tag(html);
    if (found.octets == 0) {
      if (!is_dropping())
        out += "&lt;";
      html.remove_prefix(1);
      continue;
    }
    html.remove_prefix(found.octets);
    on_tag(found, out);
  }
}

// -- writing -----------------------------------------------------------------------------------

void html_filter::open_scope() { scopes_.push_back(open_.size()); }

void html_filter::close_scope(std::string& out) {
  if (is_dropping() && dropped_scope_ >= scopes_.size())
    dropped_.clear();
  auto floor = scopes_.back();
  scopes_.pop_back();
  while (open_.size() > floor) {
    out += "</" + open_.back() + ">";
    open_.pop_back();
  }
}

void html_filter::on_tag(const tag& t, std::string& out) {
  if (is_dropping()) {
    if (t.name != dropped_)
      return;
    if (!t.is_end && !t.is_self_closed)
      ++dropped_depth_;
    else if (t.is_end && --dropped_depth_ == 0)
      dropped_.clear();
    return;
  }
  if (t.is_end)
    return end(std::string{shown_name(t.name)}, out);
  start(t, out);
}

void html_filter::start(const tag& t, std::string& out) {
  auto rule = rule_of(t.name);
  switch (rule) {
    case element_rule::image: out += host_.image_for(t.attributes); return;
    case element_rule::source: return append_source(t, out);
    case element_rule::frame:
    case element_rule::with_content: return start_dropping(t, out);
    case element_rule::unknown: host_.left_out("<" + t.name.substr(0, 32) + ">", against_the_rules); return;
    case element_rule::allowed:
    case element_rule::is_void: break;
  }
  bool is_void = rule == element_rule::is_void;
  if (!is_void && open_.size() >= nesting_max)
    return;
  auto name = std::string{shown_name(t.name)};
  out += "<" + name;
  append_attributes(t, name, out);
  out += '>';
  if (!is_void)
    open_.push_back(std::move(name));
}

void html_filter::end(const std::string& name, std::string& out) {
  auto floor = scope_floor();
  auto at = open_.size();
  while (at > floor && open_[at - 1] != name)
    --at;
  if (at == floor)
    return;  // Nothing of the kind is open here.
  while (open_.size() >= at) {
    out += "</" + open_.back() + ">";
    open_.pop_back();
  }
}

/// The film or the sound around it plays the first source it can; anywhere else browsers make nothing of it.
void html_filter::append_source(const tag& t, std::string& out) {
  const bool is_of_media = open_.size() > scope_floor() && (open_.back() == "video" || open_.back() == "audio");
  const auto* src = find(t.attributes, "src");
  if (!is_of_media)
    return host_.left_out("<source>", find(t.attributes, "srcset") != nullptr
                                          ? "of a <picture> only the <img> is shown"
                                          : "it may stand only directly in <video> or <audio>");
  if (src == nullptr || src->empty())
    return host_.left_out("<source>", "it has no src");
  const auto url = host_.link_for(*src);
  if (!url || !html::is_safe_url(*url))
    return;  // The host has told of it.
  out += "<source";
  append_attributes(t, "source", out);
  out += '>';
}

void html_filter::start_dropping(const tag& t, std::string& out) {
  const auto* source = rule_of(t.name) == element_rule::frame ? find(t.attributes, "src") : nullptr;
  auto url = source == nullptr ? std::nullopt : host_.link_for(*source);
  if (url && !url->empty()) {
    out += "<a href=\"";
    html::append_url_attribute(out, *url);
    out += "\">";
    html::append_text(out, *url);
    out += "</a>";
  }
  host_.left_out("<" + t.name + ">", against_the_rules);
  // These have no content and no end.
  if (t.is_self_closed || t.name == "embed" || t.name == "frame" || t.name == "track")
    return;
  dropped_ = t.name;
  dropped_depth_ = 1;
  dropped_scope_ = scopes_.size();
}

void html_filter::append_attributes(const tag& t, const std::string& name, std::string& out) {
  for (const auto& a : t.attributes)
    if (!append_attribute(a, name, out))
      host_.left_out(a.name.substr(0, 32), against_the_rules);
  // Without the buttons nobody could play it.
  if ((name == "video" || name == "audio") && find(t.attributes, "controls") == nullptr)
    out += " controls";
}

/// False: it was left out, and somebody should know.
bool html_filter::append_attribute(const html_attribute& a, const std::string& element, std::string& out) {
  auto append = [&](std::string_view value) {
    out += " " + a.name + "=\"";
    html::append_attribute(out, value);
    out += '"';
    return true;
  };
  switch (rule_of(element, a.name)) {
    case attribute_rule::forbidden: return false;
    case attribute_rule::useless: return true;
    case attribute_rule::text: return append(a.value);
    case attribute_rule::flag: out += " " + a.name; return true;
    case attribute_rule::number: return is_number(a.value) ? append(a.value) : false;
    case attribute_rule::word: return is_word(a.value) ? append(a.value) : false;
    case attribute_rule::id: return host_.claim_id(a.value) ? append(a.value) : true;
    case attribute_rule::link: {
      auto url = host_.link_for(a.value);
      return url && html::is_safe_url(*url) ? append(*url) : true;  // The host has told of it.
    }
  }
  return false;
}

}  // namespace beamline::event_horizon
