#include "program/content_command.hpp"

#include "apps/event_horizon/content/loader.hpp"
#include "base/json.hpp"

#include <algorithm>
#include <ostream>

namespace beamline::program {

namespace {

json to_json(const event_horizon::loaded_content& found) {
  auto problems = json::array();
  for (const auto& p : found.problems.all())
    problems.push_back({{"file", p.file}, {"line", p.line}, {"text", p.text}, {"hidden", p.is_hidden}});
  return {{"posts", found.posts->posts().size()}, {"problems", problems}, {"more", found.problems.dropped()}};
}

}  // namespace

int check_content(const content_arguments& args, std::ostream& out, std::ostream& err) {
  auto limits = args.limits;
  limits.shows_drafts = true;
  auto found = event_horizon::load_folder(args.dir, limits);
  if (!found) {
    err << "error: " << found.error().message << '\n';
    return 1;
  }
  if (args.as_json) {
    out << dump_json(to_json(*found)) << '\n';
    return found->problems.empty() ? 0 : 1;
  }
  for (const auto& p : found->problems.all())
    out << (args.dir / p.file).generic_string() << (p.line > 0 ? ":" + std::to_string(p.line) : "") << ": "
        << (p.is_hidden ? "not shown: " : "") << p.text << '\n';
  const auto& posts = found->posts->posts();
  auto drafts = std::count_if(posts.begin(), posts.end(), [](const auto& p) { return p->is_draft; });
  out << posts.size() << " posts (" << drafts << " drafts), " << found->problems.count() << " problems\n";
  return found->problems.empty() ? 0 : 1;
}

}  // namespace beamline::program
