// Where links and pictures of a text lead to, and what is said of what cannot be shown.
#include "apps/event_horizon/content/markdown_writer.hpp"
#include "base/json.hpp"
#include "base/url.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <charconv>

namespace beamline::event_horizon {

namespace {

constexpr std::size_t shown_bytes_max = 80;

std::string shown(std::string_view text) {
  auto cut = truncate_utf8(text, shown_bytes_max);
  return json_string(cut) + (cut.size() < text.size() ? "..." : "");
}

/// `https:`, `mailto:`, `//host`: an address of its own, not one within this site.
bool is_absolute(std::string_view url) {
  if (url.starts_with("//"))
    return true;
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  auto end = url.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");
  return end != std::string_view::npos && end > 0 && url[end] == ':' && letters.find(url[0]) != std::string_view::npos;
}

/// The path of an address, decoded; empty when it is malformed.
std::string path_of(std::string_view url) {
  auto path = url.substr(0, std::min(url.find_first_of("?#"), url.size()));
  auto decoded = percent_decode(path, url_part::path_segment);
  return decoded ? *decoded : std::string{};
}

std::string_view behind_path(std::string_view url) { return url.substr(std::min(url.find_first_of("?#"), url.size())); }

bool is_post_file(std::string_view path) { return path.ends_with(".md") || path.ends_with(".markdown"); }

std::optional<int> pixels(std::string_view text) {
  auto out = 0;
  if (text.ends_with("px"))
    text.remove_suffix(2);
  auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  bool is_whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return is_whole && out >= 1 && out <= image_side_max ? std::optional{out} : std::nullopt;
}

std::string_view value_of(const std::vector<html_attribute>& attributes, std::string_view name) {
  auto found = std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.name == name; });
  return found == attributes.end() ? std::string_view{} : std::string_view{found->value};
}

}  // namespace

std::optional<std::string> markdown_writer::link_for(std::string_view url) {
  if (!html::is_safe_url(url)) {
    report("leads to " + shown(url) + "; only http, https, mailto and addresses of this site are allowed");
    return std::nullopt;
  }
  if (url.empty() || url.starts_with('#') || url.starts_with('?') || is_absolute(url))
    return std::string{url};
  auto path = path_of(url);
  if (is_post_file(path)) {
    if (auto post = context_.find_post ? context_.find_post(path) : std::nullopt)
      return *post + std::string{behind_path(url)};
    report("leads to " + shown(url) + ", which is no post here");
    return std::string{url};
  }
  if (auto file = context_.find_file ? context_.find_file(path) : std::nullopt)
    return file->url + std::string{behind_path(url)};
  if (!path.starts_with('/') && context_.find_file)
    report("leads to " + shown(url) + ", which is no file here; write the whole address, such as /blog/hello");
  return std::string{url};
}

std::string markdown_writer::image_for(const std::vector<html_attribute>& attributes) {
  return image_html({.url = value_of(attributes, "src"),
                     .alt = value_of(attributes, "alt"),
                     .title = value_of(attributes, "title"),
                     .width = value_of(attributes, "width"),
                     .height = value_of(attributes, "height")});
}

std::string markdown_writer::image_html(const picture& p) {
  auto out = std::string{};
  bool is_foreign = is_absolute(p.url);
  auto file = is_foreign || !context_.find_file ? std::nullopt : context_.find_file(path_of(p.url));
  if (is_foreign && html::is_safe_url(p.url)) {
    // The page's security policy would not load it; its readers' addresses are nobody else's business.
    report("shows a picture of another site, " + shown(p.url) + "; pages load nothing from elsewhere, so it is a link"
           + "; copy it beside the post");
    out += "<a href=\"";
    html::append_url_attribute(out, p.url);
    out += "\">";
    html::append_text(out, p.alt.empty() ? p.url : p.alt);
    return out + "</a>";
  }
  if (is_foreign || (!file && context_.find_file)) {
    report("shows " + shown(p.url) + ", which is no file here; put it beside the post");
    out += "<span class=\"missing-image\">";
    html::append_text(out, p.alt);
    return out + "</span>";
  }
  auto url = file ? file->url : std::string{p.url};
  out += "<img src=\"";
  html::append_url_attribute(out, url);
  out += "\" alt=\"";
  html::append_attribute(out, p.alt);
  out += '"';
  if (!p.title.empty()) {
    out += " title=\"";
    html::append_attribute(out, p.title);
    out += '"';
  }
  auto width = pixels(p.width);
  auto height = pixels(p.height);
  if (auto size = file ? file->size : std::nullopt) {
    if (width && !height)
      height = std::max(1, *width * size->height / size->width);
    else if (height && !width)
      width = std::max(1, *height * size->width / size->height);
    else if (!width)
      width = size->width, height = size->height;
  }
  // Browsers keep the place free until the picture is there.
  if (width && height)
    out += " width=\"" + std::to_string(*width) + "\" height=\"" + std::to_string(*height) + "\"";
  else if (file)
    report("shows " + shown(p.url) + ", whose size cannot be read, so the page jumps when it comes; give width and "
           + "height in an <img>");
  if (!is_first_image_)
    out += " loading=\"lazy\"";
  if (is_first_image_)
    out_.first_image = url;
  is_first_image_ = false;
  return out + " decoding=\"async\">";
}

void markdown_writer::left_out(const std::string& what, std::string_view why) {
  report(shown(what) + " is left out: " + std::string{why});
}

/// Each sentence once per text, with the first line it holds for.
void markdown_writer::report(std::string words) {
  if (reported_.size() < problem_list::kept_max && reported_.insert(words).second)
    out_.problems.add({"", context_.first_line + std::max(line_, 1) - 1, std::move(words)});
}

}  // namespace beamline::event_horizon
