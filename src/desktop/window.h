/* The window: what is wrong on top, below it the token that is chosen, or what to do while there is none. It shows what
 * the view says and follows it; which token and which certificate are open is its own. */
#pragma once

#include <gtk/gtk.h>

#include "history.h"
#include "model/view.h"

#define WINDOW_TYPE (window_get_type ())
G_DECLARE_FINAL_TYPE (AssistantWindow, window, ASSISTANT, WINDOW, GtkApplicationWindow)

/* HISTORY: what the page of that name shows. */
AssistantWindow *window_new (GtkApplication *application, History *history);

/* Shows VIEW. A window that is hidden only remembers it. */
void window_show_view (AssistantWindow *window, View *view);

/* Chooses the token with this id, if it is there. */
void window_show_token (AssistantWindow *window, const char *id);

/* Goes to the history, from where there is a way back. */
void window_show_history (AssistantWindow *window);

/* Goes to the check, from where there is a way back, and begins a new one. */
void window_show_check (AssistantWindow *window);

/* Goes to the help, from where there is a way back. */
void window_show_help (AssistantWindow *window);

/* Opens the window or brings it to the front. ASKED: a person wants it now; otherwise it takes the keyboard from
 * nobody. */
void window_open (AssistantWindow *window, gboolean asked);
