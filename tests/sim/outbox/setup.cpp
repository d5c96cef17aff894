#include "sim/outbox/setup.hpp"

#include "apps/accumulator/contracts.hpp"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace beamline::sim_outbox {

namespace {

namespace ob = net::outbox;

// Visits merged into one entry; the application allows more.
constexpr std::size_t merged_max = 5;

template <class Visits>
ob::event_class visits_of(bool may_drop) {
  auto merge = [](Visits& waiting, const Visits& newer) {
    return waiting.visitors.size() < merged_max && accumulator::merge_visits(waiting, newer);
  };
  return {.type = std::string{Visits::message_name},
          .when_full = may_drop ? ob::overflow::drop_oldest : ob::overflow::refuse,
          .coalesce = ob::coalescing<Visits>(merge)};
}

/// A folder that goes with its owner.
class folder {
public:
  folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "sim-outbox-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error{"no temporary folder can be made as " + pattern};
    path_ = pattern;
  }
  ~folder() {
    std::error_code ignored;  // What is left is in the temporary folder.
    std::filesystem::remove_all(path_, ignored);
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

}  // namespace

std::shared_ptr<const ob::class_table> event_classes(bool may_drop) {
  return std::make_shared<const ob::class_table>(
      std::vector<ob::event_class>{{.type = std::string{accumulator::update_likes::message_name}},
                                   {.type = std::string{accumulator::add_comment::message_name}},
                                   visits_of<accumulator::increment_blog_visit>(may_drop),
                                   visits_of<accumulator::increment_visit>(may_drop)});
}

bool is_droppable(std::string_view kind) { return kind == "visit" || kind == "passer"; }

ob::outbox_options outbox_options_of(const testing::world& w) {
  ob::outbox_options o;
  o.entries_max = 12;
  o.bytes_max = config::byte_size{4096};
  // A full bucket has 100 tokens: most runs would never see it empty at a higher rate.
  o.events_per_s = w.seed() % 3 == 0 ? 60 : 2000;
  o.start_delay_max = 50ms;
  o.retry_min = 20ms;
  o.retry_max = 200ms;
  // The slowest climates need 200 ms for a call and its commit: in less a queue would not empty however long it tries.
  o.call_time = 300ms;
  o.flush_time = 500ms;
  return o;
}

accumulator::accumulator_options accumulator_options_of() {
  accumulator::accumulator_options o;
  o.sweep_interval = 300ms;
  o.comments_per_minute = 10'000;
  o.likes_per_minute = 10'000;
  return o;
}

testing::simulated_links_options links_of(std::string_view role) {
  testing::simulated_links_options o;
  o.links.role = role;
  // The slowest climates need a quarter of a second for a handshake. And what is healed must be linked again soon,
  // whatever failed before.
  o.links.setup_time = 600ms;
  o.links.strangers.back_off_min = 20ms;
  o.links.strangers.back_off_max = 320ms;
  return o;
}

event_horizon::catalogue make_catalogue() {
  const folder files;
  for (const auto* slug : posts)
    std::ofstream{files.path() / (std::string{slug} + ".md")} << "---\ntitle: " << slug
                                                              << "\ndate: 2024-05-01\n---\nText.\n";
  auto loaded = event_horizon::catalogue::load(files.path());
  if (!loaded)
    throw std::runtime_error{loaded.error().message};
  return std::move(*loaded);
}

}  // namespace beamline::sim_outbox
