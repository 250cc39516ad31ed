// Package demo makes the three streets of two newspaper pages as records, marked as a demonstration: 丰泽街道 and
// 东湖街道 as of March 2025, 清源街道 as of December 2024. What the pages state as figures (figures.csv) is entered as
// that many compounds, organisations, posts and closed matters; what they do not state is left out. All people are
// invented, and every name says so. Some thirty live matters are dated from the first start.
package demo
