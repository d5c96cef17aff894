#include "interop/live_pages.hpp"

#include "interop/views/board.hpp"
#include "interop/views/counter.hpp"
#include "interop/views/entry.hpp"
#include "interop/views/parts.hpp"

#include <string>

namespace beamline::interop {

namespace {

using namespace web;

std::string layout(const live::page_parts& parts) {
  return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">" + parts.head.str() + "</head><body>"
       + parts.body.str() + "</body></html>\n";
}

}  // namespace

live_pages::live_pages(node& home)
    : signer_{keys_, home.env().time()},
      live_{home, signer_, sessions_, {.title = {.suffix = " · Interop"}, .layout = layout}} {
  live_.session({.name = "other"});
}

void live_pages::add_to(router& routes) {
  live_.view<counter>(routes, "/counter", "counter");
  live_.view<entry>(routes, "/entry", "entry");
  live_.view<board>(routes, "/board", "board");
  live_.view<counter>(routes, "/elsewhere", "elsewhere", {.live_session = "other"});
  live_.nested<clock_view>("clock");
  live_.nested<player>("player");
  live_.connect(routes, "/live/websocket");
}

}  // namespace beamline::interop
