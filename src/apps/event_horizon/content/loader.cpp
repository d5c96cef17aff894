#include "apps/event_horizon/content/loader.hpp"

#include "apps/event_horizon/content/fold.hpp"
#include "apps/event_horizon/content/front_matter.hpp"
#include "apps/event_horizon/content/image_size.hpp"
#include "apps/event_horizon/content/post_file.hpp"
#include "base/url.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace beamline::event_horizon {

namespace {

/// A post whose front matter was read and whose text was not.
struct begun_post {
  const scanned_file* from = nullptr;
  post_file_name name;
  front_matter front;
  std::string text;  // Of the whole file.
  std::size_t body_at = 0;
  int body_line = 1;
  std::string slug;
};

class content_loader {
public:
  content_loader(const std::vector<scanned_file>& found, const content_limits& limits)
      : found_{found}, limits_{limits} {}

  loaded_content load() {
    auto files = std::map<std::string, scanned_file, std::less<>>{};
    for (const auto& f : found_)
      if (f.type.empty())
        begin(f);
      else
        files.emplace(f.path, f);
    files_ = &files;
    auto posts = std::vector<post_ref>{};
    for (const auto& each : begun_)
      posts.push_back(finish(each));
    auto out = loaded_content{nullptr, std::move(problems_)};
    files_ = nullptr;
    out.posts = std::make_shared<const library>(std::move(posts), std::move(files));
    return out;
  }

private:
  void tell(const scanned_file& of, int line, std::string text, bool is_hidden) {
    problems_.add({of.path, line, std::move(text), is_hidden});
  }
  void tell(const scanned_file& of, const problem_list& found) {
    for (auto each : found.all()) {
      each.file = of.path;
      problems_.add(std::move(each));
    }
  }

  // -- what decides which posts there are --------------------------------------------------------

  void begin(const scanned_file& f) {
    auto out = begun_post{&f, read_post_file_name(f.path), {}, {}, 0, 1, {}};
    if (out.name.is_skipped)
      return;
    if (++posts_ > limits_.posts_max)
      return tell(f, 0,
                  "is left out: there are more posts than event_horizon.posts_max = "
                      + std::to_string(limits_.posts_max) + "; raise it or remove some",
                  true);
    if (!read_text(out) || !read_front(out))
      return;
    bool is_draft = out.front.is_draft || out.name.is_draft;
    out.front.is_draft = is_draft;
    if (is_draft && !limits_.shows_drafts)
      return;
    if (!find_slug(out))
      return;
    slugs_.emplace(out.slug, f.path);
    addresses_.emplace(f.path, "/blog/" + out.slug);
    begun_.push_back(std::move(out));
  }

  bool read_text(begun_post& p) {
    const auto& f = *p.from;
    auto text = read_file(f.where, limits_.post_bytes_max + 1);
    if (!text) {
      tell(f, 0, "cannot be read; check its rights", true);
      return false;
    }
    if (text->size() > limits_.post_bytes_max) {
      tell(f, 0,
           "is larger than event_horizon.post_size_max = " + std::to_string(limits_.post_bytes_max)
               + " octets; shorten it or split it in two",
           true);
      return false;
    }
    if (auto at = find_invalid_utf8(*text); at != std::string::npos) {
      auto line = 1 + std::count(text->begin(), text->begin() + static_cast<std::ptrdiff_t>(at), '\n');
      tell(f, static_cast<int>(line), "is not UTF-8 here; save the file in that encoding", true);
      return false;
    }
    p.text = *std::move(text);
    return true;
  }

  bool read_front(begun_post& p) {
    auto found = problem_list{};
    auto parsed = parse_front_matter(p.text, found);
    tell(*p.from, found);
    if (!parsed)
      return false;
    p.front = std::move(parsed->front);
    p.body_at = static_cast<std::size_t>(parsed->body.data() - p.text.data());
    p.body_line = parsed->body_line;
    if (!p.front.date)
      p.front.date = p.name.date;
    if (!p.front.date)
      tell(*p.from, 1, "has no date; add a line such as date: 2024-05-01, or put one before its name", true);
    return p.front.date.has_value();
  }

  bool find_slug(begun_post& p) {
    p.slug = slugified(p.front.slug, post_slug_bytes_max);
    if (p.slug.empty())
      p.slug = p.name.slug;
    if (p.slug.empty())
      tell(*p.from, 0, "has a name that makes no address; add a line such as slug: two-nodes", true);
    else if (auto first = slugs_.find(p.slug); first != slugs_.end())
      tell(*p.from, 0, "has the address of " + first->second + ", /blog/" + p.slug + "; give it another slug or name",
           true);
    else
      return true;
    return false;
  }

  // -- what they look like ---------------------------------------------------------------------

  post_ref finish(const begun_post& p) {
    auto context = markdown_context{};
    context.find_file = [&](std::string_view path) { return find_file(p, path); };
    context.find_post = [&](std::string_view path) { return find_post(p, path); };
    context.title = p.front.title;
    context.first_line = p.body_line;
    auto text = render_markdown(std::string_view{p.text}.substr(p.body_at), context);
    tell(*p.from, text.problems);

    auto out = std::make_shared<post>();
    out->slug = p.slug;
    out->title = p.front.title;
    if (out->title.empty())
      out->title = truncate_utf8(text.first_heading.empty() ? p.name.words : text.first_heading, title_bytes_max);
    out->date = p.front.date->day;
    out->published = p.front.date->moment;
    if (p.front.updated)
      out->updated = p.front.updated->moment;
    out->summary = p.front.summary.empty() ? text.excerpt : p.front.summary;
    out->tags = p.front.tags;
    out->body = std::move(text.body);
    out->toc = std::move(text.toc);
    out->minutes = reading_minutes(text.words);
    out->is_draft = p.front.is_draft;
    out->file = p.from->path;
    out->plain = std::move(text.plain);
    out->image = image_of(p, text.first_image);
    return out;
  }

  std::string image_of(const begun_post& p, const std::string& first_image) {
    const auto& written = p.front.image;
    if (written.empty())
      return first_image;
    if (written.starts_with("https://") || written.starts_with("http://"))
      return written;
    if (auto file = find_file(p, written))
      return file->url;
    tell(*p.from, 1, "has the picture \"" + std::string{truncate_utf8(written, 80)} + "\", which is no file here",
         false);
    return first_image;
  }

  /// Relative to the post, then as Hugo (`static/`) and others count it: from the root of the site.
  std::optional<found_file> find_file(const begun_post& p, std::string_view written) {
    if (written.starts_with(files_prefix))
      written.remove_prefix(files_prefix.size() - 1);
    bool is_from_root = written.starts_with('/');
    auto candidates = std::array<std::string, 3>{is_from_root ? std::string{} : joined_path(p.name.folder, written),
                                                 joined_path("", written), joined_path("static/", written)};
    for (const auto& path : candidates)
      if (auto file = path.empty() ? files_->end() : files_->find(path); file != files_->end())
        return found_file{url_of(path), size_of(file->second)};
    return std::nullopt;
  }

  std::optional<std::string> find_post(const begun_post& p, std::string_view written) {
    for (const auto& path :
         {joined_path(written.starts_with('/') ? "" : p.name.folder, written), joined_path("", written)})
      if (auto found = addresses_.find(path); found != addresses_.end())
        return found->second;
    return std::nullopt;
  }

  static std::string url_of(std::string_view path) {
    auto out = std::string{files_prefix.substr(0, files_prefix.size() - 1)};
    while (!path.empty()) {
      auto end = std::min(path.find('/'), path.size());
      out += '/';
      append_percent_encoded(out, path.substr(0, end), url_part::path_segment);
      path.remove_prefix(std::min(end + 1, path.size()));
    }
    return out;
  }

  std::optional<image_size> size_of(const scanned_file& f) {
    if (!f.type.starts_with("image/"))
      return std::nullopt;
    if (auto known = sizes_.find(f.path); known != sizes_.end())
      return known->second;
    auto head = read_file(f.where, image_head_bytes);
    auto size = head ? read_image_size(*head) : std::nullopt;
    sizes_.emplace(f.path, size);
    return size;
  }

  const std::vector<scanned_file>& found_;
  const content_limits& limits_;
  problem_list problems_;
  std::size_t posts_ = 0;
  std::vector<begun_post> begun_;
  std::map<std::string, std::string, std::less<>> slugs_;      // Slug to file.
  std::map<std::string, std::string, std::less<>> addresses_;  // File to address.
  const std::map<std::string, scanned_file, std::less<>>* files_ = nullptr;
  std::map<std::string, std::optional<image_size>, std::less<>> sizes_;
};

}  // namespace

loaded_content load_content(const std::vector<scanned_file>& found, const content_limits& limits) {
  return content_loader{found, limits}.load();
}

result<loaded_content> load_folder(const std::filesystem::path& dir, const content_limits& limits) {
  auto problems = problem_list{};
  auto found = scan_folder(dir, problems);
  if (!found)
    return found.error();
  auto out = load_content(*found, limits);
  problems.add(out.problems);
  out.problems = std::move(problems);
  return out;
}

}  // namespace beamline::event_horizon
