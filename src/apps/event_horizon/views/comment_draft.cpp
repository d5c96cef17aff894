#include "apps/event_horizon/views/comment_draft.hpp"

#include "apps/event_horizon/content/dates.hpp"
#include "apps/event_horizon/views/paths.hpp"
#include "base/utf8.hpp"
#include "web/live/form_schema.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

struct fields_of_comment {
  std::string author;
  std::string content;
};

std::size_t letters(std::string_view text) {
  std::size_t n = 0;
  for (; !text.empty(); ++n)
    text.remove_prefix(next_utf8(text).octets);
  return n;
}

/// How many letters must go from the end for the rest to fit.
std::size_t surplus(std::string_view text, std::size_t bytes_max) {
  return letters(text.substr(truncate_utf8(text, bytes_max).size()));
}

auto fits(std::size_t bytes_max) {
  return [bytes_max](const std::string& text) -> live::complaint {
    if (text.size() <= bytes_max)
      return std::nullopt;
    auto n = surplus(text, bytes_max);
    return fmt::format("This is {} {} too long.", n, n == 1 ? "letter" : "letters");
  };
}

live::form to_form(const json& fields, live::form_errors errors) {
  return live::to_form(fields, {.errors = std::move(errors)});
}

}  // namespace

live::form checked_draft(const json& fields, std::size_t bytes_max) {
  auto checked = live::form_schema<fields_of_comment>{}
                     .field("author", &fields_of_comment::author, fits(accumulator::author_bytes_max))
                     .field("content", &fields_of_comment::content, live::required{"Please write something first."},
                            fits(bytes_max))
                     .cast({}, fields);
  return to_form(fields, checked.errors());
}

live::form refused_draft(const json& fields, const std::string& why) { return to_form(fields, {{"content", why}}); }

live::form fresh_draft(const std::string& author) { return to_form({{"author", author}}, {}); }

std::string room_left(const live::form& f, std::size_t bytes_max) {
  auto size = f["content"].text().size();
  if (size > bytes_max || bytes_max - size > letters_left_shown_max)
    return {};
  return fmt::format("About {} more letters fit.", bytes_max - size);
}

std::string note_of(own_comment::fate f) {
  switch (f) {
    case own_comment::fate::taken: return {};
    case own_comment::fate::waiting: return "Waiting to be sent. Others see it once our servers have found each other.";
    case own_comment::fate::sent: return "Sent. It shows here for everybody once it was taken.";
    case own_comment::fate::pending: return "Waiting for a moderator. Until then only you see it.";
  }
  return {};
}

std::string long_moment(wall_time at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  auto time = std::chrono::hh_mm_ss{std::chrono::floor<std::chrono::minutes>(at - day)};
  return fmt::format("{}, {:02}:{:02} UTC", long_date(std::chrono::year_month_day{day}), time.hours().count(),
                     time.minutes().count());
}

std::string answer_path(const std::string& slug, const uid& thread) {
  return post_path(slug) + "?reply=" + thread.str() + "#answer-form";
}

}  // namespace beamline::event_horizon
