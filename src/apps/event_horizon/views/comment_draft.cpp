#include "apps/event_horizon/views/comment_draft.hpp"

#include "apps/event_horizon/comment_rules.hpp"
#include "apps/event_horizon/content/dates.hpp"
#include "apps/event_horizon/json_text.hpp"
#include "apps/event_horizon/views/paths.hpp"
#include "base/plain_text.hpp"

#include <chrono>
#include <utility>

#include <fmt/format.h>

namespace beamline::event_horizon {

namespace live = web::live;

namespace {

live::form to_form(const json& fields, live::form_errors errors) {
  return live::to_form(fields, {.errors = std::move(errors)});
}

}  // namespace

live::form checked_draft(const json& fields, std::size_t bytes_max) {
  auto wrong = complaints_about(
      tidied({.slug = {}, .author = text_of(fields, "author"), .content = text_of(fields, "content")}), bytes_max);
  live::form_errors errors;
  if (!wrong.author.empty())
    errors.push_back({"author", std::move(wrong.author)});
  if (!wrong.content.empty())
    errors.push_back({"content", std::move(wrong.content)});
  return to_form(fields, std::move(errors));
}

live::form refused_draft(const json& fields, const std::string& why) { return to_form(fields, {{"content", why}}); }

live::form fresh_draft(const std::string& author) { return to_form({{"author", author}}, {}); }

std::string room_left(const live::form& f, std::size_t bytes_max) {
  auto size = trimmed(f["content"].text()).size();
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
