#include "apps/event_horizon/content/front_matter.hpp"
#include "base/utf8.hpp"
#include "fuzz/targets.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace beamline::fuzz {

namespace {

void must(bool is_so, const char* what) {
  if (is_so)
    return;
  std::fprintf(stderr, "fuzz_front_matter: not so: %s\n", what);
  std::abort();
}

}  // namespace

/// A post's file: its front matter is read within its limits, or refused with one problem that names a line of the
/// file.
int fuzz_front_matter(const std::uint8_t* data, std::size_t size) {
  using namespace event_horizon;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  auto problems = problem_list{};
  const auto post = parse_front_matter(text, problems);
  const auto hiding =
      std::count_if(problems.all().begin(), problems.all().end(), [](const content_problem& p) { return p.is_hidden; });
  must(hiding == (post ? 0 : 1), "a post is refused with one problem, and shown with none of that kind");
  const auto lines = std::count(text.begin(), text.end(), '\n') + 2;
  for (const auto& p : problems.all())
    must(p.line >= 1 && p.line <= lines && !p.text.empty(), "a problem names a line of the file and says something");
  if (!post)
    return 0;
  must(post->body.data() >= text.data() && post->body.data() + post->body.size() == text.data() + text.size(),
       "the body is the rest of the text");
  must(post->front.title.size() <= title_bytes_max && post->front.summary.size() <= summary_bytes_max, "texts are cut");
  must(post->front.tags.size() <= tags_max, "tags are counted");
  for (const auto& tag : post->front.tags)
    must(!tag.empty() && tag.size() <= tag_bytes_max, "a tag is a short word");
  must(!post->front.date || post->front.date->day.ok(), "a date is a day of the calendar");
  return 0;
}

}  // namespace beamline::fuzz
