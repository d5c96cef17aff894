#include "apps/event_horizon/catalogue.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

namespace beamline::event_horizon {

struct catalogue::state {
  std::filesystem::path dir;
  limits bounds;
  std::mutex refreshing;  // Held while files are read; guards the next two.
  bool is_read = false;
  std::vector<scanned_file> stamps;  // What was there when they were read last.
  mutable std::mutex reading;        // Held for a moment; guards what follows.
  std::shared_ptr<const library> current = std::make_shared<const library>();
  problem_list problems;

  void replace(std::shared_ptr<const library> with, problem_list found) {
    auto lock = std::scoped_lock{reading};
    current = std::move(with);
    problems = std::move(found);
  }
};

catalogue::catalogue() : state_{std::make_shared<state>()} {}

result<catalogue> catalogue::load(const std::filesystem::path& dir, limits l) {
  auto s = std::make_shared<state>();
  s->dir = dir;
  s->bounds = l;
  auto out = catalogue{std::move(s)};
  if (auto read = out.refresh(); !read)
    return read.error();
  return out;
}

std::shared_ptr<const library> catalogue::now() const {
  auto lock = std::scoped_lock{state_->reading};
  return state_->current;
}

problem_list catalogue::problems() const {
  auto lock = std::scoped_lock{state_->reading};
  return state_->problems;
}

result<refresh_outcome> catalogue::refresh() const {
  auto out = refresh_outcome{};
  if (state_->dir.empty())
    return out;
  auto one_at_a_time = std::scoped_lock{state_->refreshing};
  auto found = scan_folder(state_->dir, out.problems);
  if (!found)
    return found.error();
  if (std::exchange(state_->is_read, true) && *found == state_->stamps)
    return refresh_outcome{};
  auto read = load_content(*found, state_->bounds);
  out.problems.add(read.problems);
  auto before = now();
  for (const auto& p : read.posts->posts())
    if (before->find(p->slug) == nullptr)
      out.added.push_back(p->slug);
  out.is_changed = true;
  state_->stamps = std::move(*found);
  state_->replace(std::move(read.posts), out.problems);
  return out;
}

std::string describe(const problem_list& problems, const std::filesystem::path& dir) {
  auto out = std::string{};
  auto shown = std::min(problems.all().size(), logged_problems_max);
  for (std::size_t i = 0; i < shown; ++i)
    out += (i > 0 ? "\n" : "") + (dir / to_string(problems.all()[i])).generic_string();
  if (problems.count() > shown)
    out += "\nand " + std::to_string(problems.count() - shown) + " more";
  return out;
}

}  // namespace beamline::event_horizon
